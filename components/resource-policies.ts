import type * as iam from "@pulumi/aws/iam";
import { interpolate, type Input } from "@pulumi/pulumi";
import { policy, type Statement } from "./policies";

/** The account and region that a stack lives in. */
export interface Place {
  readonly accountId: Input<string>;
  readonly region: string;
}

/**
 * The stack's key. The account's administrators manage it but cannot decrypt with it: data goes through the AWS services
 * that hold it, on behalf of principals whose own policies allow that.
 */
export function keyPolicy({ accountId, region }: Place): iam.PolicyDocument {
  const account = { AWS: interpolate`arn:aws:iam::${accountId}:root` };
  const throughServices = {
    "kms:CallerAccount": accountId,
    "kms:ViaService": ["ecr", "rds", "secretsmanager"].map((service) => `${service}.${region}.amazonaws.com`),
  };
  return policy(
    {
      Sid: "AdministerKey",
      Effect: "Allow",
      Principal: account,
      Action: [
        "kms:CancelKeyDeletion",
        "kms:CreateAlias",
        "kms:DeleteAlias",
        "kms:DescribeKey",
        "kms:DisableKey",
        "kms:DisableKeyRotation",
        "kms:EnableKey",
        "kms:EnableKeyRotation",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListAliases",
        "kms:ListGrants",
        "kms:ListKeyPolicies",
        "kms:ListResourceTags",
        "kms:PutKeyPolicy",
        "kms:RevokeGrant",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateAlias",
        "kms:UpdateKeyDescription",
      ],
      Resource: "*",
    },
    {
      Sid: "UseKeyThroughServices",
      Effect: "Allow",
      Principal: account,
      Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      Resource: "*",
      Condition: { StringEquals: throughServices },
    },
    {
      Sid: "GrantKeyToServices",
      Effect: "Allow",
      Principal: account,
      Action: "kms:CreateGrant",
      Resource: "*",
      Condition: { StringEquals: throughServices, Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
  );
}

/** On top of IAM: nobody from outside the account, and nothing over plain HTTP, whatever their own policies allow. */
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

/** Through the endpoint, this account's principals reach this stack's secrets only. */
export function secretsManagerEndpointPolicy(
  secretArns: readonly Input<string>[],
  accountId: Input<string>,
): iam.PolicyDocument {
  return policy({
    ...ownPrincipals(accountId),
    Sid: "UseSecretsOfStack",
    Action: [
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ],
    Resource: [...secretArns],
  });
}

/** Pulls from the account's own repositories. */
export function registryEndpointPolicy({ accountId, region }: Place): iam.PolicyDocument {
  return policy(
    { ...ownPrincipals(accountId), Sid: "LogIn", Action: "ecr:GetAuthorizationToken", Resource: "*" },
    {
      ...ownPrincipals(accountId),
      Sid: "PullImages",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: interpolate`arn:aws:ecr:${region}:${accountId}:repository/*`,
    },
  );
}

/** Writes to the log groups of this stack, whose names start with `logGroupPrefix`. */
export function logsEndpointPolicy(logGroupPrefix: string, { accountId, region }: Place): iam.PolicyDocument {
  return policy({
    ...ownPrincipals(accountId),
    Sid: "WriteLogsOfStack",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: interpolate`arn:aws:logs:${region}:${accountId}:log-group:${logGroupPrefix}*`,
  });
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

function ownPrincipals(accountId: Input<string>) {
  return {
    Effect: "Allow",
    Principal: "*",
    Condition: { StringEquals: { "aws:PrincipalAccount": accountId } },
  } as const satisfies Partial<Statement>;
}
