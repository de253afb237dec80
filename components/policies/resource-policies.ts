import type * as iam from "@pulumi/aws/iam";
import { interpolate, type Input } from "@pulumi/pulumi";
import type { Place } from "../settings";
import { policy, pullImage, type Statement } from "./index";

/** On top of IAM: no access from outside the account or over plain HTTP, whatever the caller's own policies allow. */
export function secretPolicy(secretArn: Input<string>, accountId: Input<string>): iam.PolicyDocument {
  const denyEveryone = { Effect: "Deny", Principal: "*", Action: "secretsmanager:*", Resource: secretArn } as const;
  return policy(
    { ...denyEveryone, Sid: "DenyPlainHttp", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    {
      ...denyEveryone,
      Sid: "DenyOtherAccounts",
      // Secrets Manager rotates as itself, a principal without an account.
      Condition: {
        StringNotEquals: { "aws:PrincipalAccount": accountId },
        Bool: { "aws:PrincipalIsAWSService": "false" },
      },
    },
  );
}

/** Through the endpoint, this account's principals reach only this stack's secrets. */
export function secretsManagerEndpointPolicy(
  secretArns: readonly Input<string>[],
  accountId: Input<string>,
  { includePasswords }: { readonly includePasswords: boolean },
): iam.PolicyDocument {
  const calls = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
  ];
  const makePasswords = "secretsmanager:GetRandomPassword"; // it names no resource
  return policy(
    allowAccount(accountId, "UseSecretsOfStack", calls, [...secretArns]),
    ...(includePasswords ? [allowAccount(accountId, "MakePasswords", makePasswords, "*")] : []),
  );
}

/** Lets this account find one cluster's host. */
export function databaseApiEndpointPolicy(clusterArn: Input<string>, accountId: Input<string>): iam.PolicyDocument {
  return policy(allowAccount(accountId, "DescribeCluster", "rds:DescribeDBClusters", clusterArn));
}

/** Pulls from one repository, which may be another account's, or from the account's own. */
export function registryEndpointPolicy(
  { accountId, region }: Place,
  repositoryArn: Input<string> = interpolate`arn:aws:ecr:${region}:${accountId}:repository/*`,
): iam.PolicyDocument {
  return policy(
    allowAccount(accountId, "LogIn", "ecr:GetAuthorizationToken", "*"),
    allowAccount(accountId, "PullImages", pullImage, repositoryArn),
  );
}

/** Writes to the log groups of this stack, whose names start with `logGroupPrefix`. */
export function logsEndpointPolicy(logGroupPrefix: string, { accountId, region }: Place): iam.PolicyDocument {
  const logGroups = interpolate`arn:aws:logs:${region}:${accountId}:log-group:${logGroupPrefix}*`;
  return policy(allowAccount(accountId, "WriteLogsOfStack", ["logs:CreateLogStream", "logs:PutLogEvents"], logGroups));
}

/** ECR keeps image layers in this bucket of AWS's: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html */
export function imageLayersEndpointPolicy(region: string): iam.PolicyDocument {
  return policy({
    Sid: "ReadImageLayers",
    Effect: "Allow",
    Principal: "*",
    Action: "s3:GetObject",
    Resource: `arn:aws:s3:::prod-${region}-starport-layer-bucket/*`,
  });
}

/**
 * Lets this account's CloudWatch alarms and EventBridge's rules publish; nothing else needs to. The rules have no
 * condition: EventBridge supports none in a topic's policy, and a message that it may not publish is lost.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
 */
export function topicPolicy(topicArn: Input<string>, accountId: Input<string>): iam.PolicyDocument {
  const publish = { Effect: "Allow", Action: "sns:Publish", Resource: topicArn } as const;
  return policy(
    {
      ...publish,
      Sid: "PublishAlarms",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
    { ...publish, Sid: "PublishEvents", Principal: { Service: "events.amazonaws.com" } },
  );
}

/**
 * This account's EventBridge rules put what they could not deliver here:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export function deadLetterQueuePolicy(queueArn: Input<string>, { accountId, region }: Place): iam.PolicyDocument {
  return policy({
    Sid: "KeepUndeliveredEvents",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnLike: { "aws:SourceArn": interpolate`arn:aws:events:${region}:${accountId}:rule/*` } },
  });
}

/** One trail writes its records: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
export function trailBucketPolicy(
  bucketArn: Input<string>,
  { accountId, region, trailName }: Place & { readonly trailName: string },
): iam.PolicyDocument {
  const trail = { Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" } } as const;
  const fromTrail = { "aws:SourceArn": interpolate`arn:aws:cloudtrail:${region}:${accountId}:trail/${trailName}` };
  return policy(
    {
      ...trail,
      Sid: "FindBucket",
      Action: "s3:GetBucketAcl",
      Resource: bucketArn,
      Condition: { StringEquals: fromTrail },
    },
    {
      ...trail,
      Sid: "WriteRecords",
      Action: "s3:PutObject",
      Resource: interpolate`${bucketArn}/AWSLogs/${accountId}/*`,
      Condition: { StringEquals: { ...fromTrail, "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
    {
      Sid: "DenyPlainHttp",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [bucketArn, interpolate`${bucketArn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  );
}

/** For a VPC endpoint: lets this account's own principals through. */
function allowAccount(
  accountId: Input<string>,
  Sid: string,
  Action: string | string[],
  Resource: Statement["Resource"],
): Statement {
  const Condition = { StringEquals: { "aws:PrincipalAccount": accountId } };
  return { Effect: "Allow", Principal: "*", Condition, Sid, Action, Resource };
}
