import * as iam from "@pulumi/aws/iam";
import { type CustomResourceOptions, type Input, interpolate, jsonStringify } from "@pulumi/pulumi";

export type Statement = iam.PolicyStatement;

export function policy(...statements: readonly Statement[]): iam.PolicyDocument {
  return { Version: "2012-10-17", Statement: [...statements] };
}

export function allow(
  Sid: string,
  Action: string | string[],
  Resource: Statement["Resource"],
  Condition?: Statement["Condition"],
): Statement {
  return { Sid, Effect: "Allow", Action, Resource, ...(Condition && { Condition }) };
}

/** Lets an AWS service assume the role, only for this account's resources (if the service says which account). */
export function assumeRolePolicy(service: string, accountId?: Input<string>): iam.PolicyDocument {
  return policy({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    ...(accountId === undefined ? {} : { Condition: { StringEquals: { "aws:SourceAccount": accountId } } }),
  });
}

/** A role that an AWS service assumes for this account's resources, and its policy, both with the same name. */
export function serviceRole(
  name: string,
  service: string,
  accountId: Input<string>,
  statements: readonly Statement[],
  opts: CustomResourceOptions,
) {
  const assumedBy = jsonStringify(assumeRolePolicy(service, accountId));
  const role = new iam.Role(name, { assumeRolePolicy: assumedBy }, opts);
  const document = jsonStringify(policy(...statements));
  const rolePolicy = new iam.RolePolicy(name, { role: role.name, policy: document }, opts);
  return { roleArn: role.arn, rolePolicy };
}

/** The secret of the database's administrator, which RDS creates and rotates, and the key that encrypts it. */
export interface SuperuserSecret {
  readonly secretArn: Input<string>;
  readonly keyArn: Input<string>;
}

/**
 * The rotation function: the calls of the four steps on its secrets, and no more. Alternating users need the
 * superuser to create and change the role that is not in use; a single user never sees that secret.
 */
export function rotationStatements(args: {
  readonly region: string;
  readonly keyArn: Input<string>;
  readonly secretArns: Input<string>[];
  readonly superuserSecret: SuperuserSecret | undefined;
}): Statement[] {
  const { region, superuserSecret, secretArns } = args;
  const steps = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
  ];
  return [
    allow("RotateSecret", steps, secretArns),
    useKey("UseKeyForSecret", readAndWrite, args),
    ...(superuserSecret === undefined ? [] : readSuperuserSecret(region, superuserSecret)),
  ];
}

/** Bootstrap: reads the master credential and writes each secret's first value. It moves no label. */
export function bootstrapStatements(args: {
  readonly region: string;
  readonly keyArn: Input<string>;
  readonly secretArns: Input<string>[];
  readonly superuserSecret: SuperuserSecret;
}): Statement[] {
  const calls = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"];
  return [
    allow("WriteFirstValue", calls, args.secretArns),
    useKey("UseKeyForSecret", readAndWrite, args),
    ...readSuperuserSecret(args.region, args.superuserSecret),
  ];
}

/** The age gauge: reads what describes the secrets and their versions, but no value. */
export function ageGaugeStatements(secretArns: Input<string>[]): Statement[] {
  const calls = ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"];
  return [allow("DescribeSecret", calls, secretArns)];
}

/** Reads one secret's value: the service itself, or ECS on its behalf. */
export function readSecretStatements(args: {
  readonly region: string;
  readonly keyArn: Input<string>;
  readonly secretArn: Input<string>;
}): Statement[] {
  const secretArns = [args.secretArn];
  return [
    allow("ReadSecret", "secretsmanager:GetSecretValue", args.secretArn),
    useKey("DecryptSecret", read, { ...args, secretArns }),
  ];
}

function readSuperuserSecret(region: string, { secretArn, keyArn }: SuperuserSecret): Statement[] {
  return [
    allow("ReadSuperuserSecret", "secretsmanager:GetSecretValue", secretArn),
    useKey("DecryptSuperuserSecret", read, { region, keyArn, secretArns: [secretArn] }),
  ];
}

/** AWS's function for alternating users: finds the cluster by a tag of the superuser's secret, and finds its host. */
export function findDatabaseStatements({ secretArn }: SuperuserSecret, clusterArn: Input<string>): Statement[] {
  return [
    allow("FindCluster", "secretsmanager:DescribeSecret", secretArn),
    allow("DescribeCluster", "rds:DescribeDBClusters", clusterArn),
  ];
}

const read = ["kms:Decrypt"];
const readAndWrite = ["kms:Decrypt", "kms:GenerateDataKey"];

/** Uses the key, only through Secrets Manager and only for these secrets. */
function useKey(
  sid: string,
  actions: string[],
  args: { readonly region: string; readonly keyArn: Input<string>; readonly secretArns: Input<string>[] },
): Statement {
  return allow(sid, actions, args.keyArn, {
    StringEquals: {
      "kms:ViaService": `secretsmanager.${args.region}.amazonaws.com`,
      "kms:EncryptionContext:SecretARN": args.secretArns,
    },
  });
}

/**
 * Lambda itself creates the network interfaces of a function in a VPC, with the function's role. The function's own
 * code must not: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
export function denyNetworkInterfaces(functionArn: Input<string>): Statement {
  return {
    Sid: "DenyNetworkInterfacesToCode",
    Effect: "Deny",
    Action: [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:DetachNetworkInterface",
      "ec2:UnassignPrivateIpAddresses",
    ],
    Resource: "*",
    Condition: { ArnEquals: { "lambda:SourceFunctionArn": functionArn } },
  };
}

/** For Lambda. X-Ray has no resources to name. */
export const traceStatement = allow("WriteTraces", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*");

export function writeLogsStatement(logGroupArn: Input<string>): Statement {
  const resources = [logGroupArn, interpolate`${logGroupArn}:*`];
  return allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], resources);
}

/** VPC flow logs look for their log group first: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html */
export function flowLogStatements(logGroupArn: Input<string>): Statement[] {
  return [
    writeLogsStatement(logGroupArn),
    allow("FindLogGroup", ["logs:DescribeLogGroups", "logs:DescribeLogStreams"], "*"),
  ];
}

export const pullImage = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/** Pulls one private repository; the login token names no resource. */
export function pullImageStatements(repositoryArn: Input<string>): Statement[] {
  return [allow("LogInToRegistry", "ecr:GetAuthorizationToken", "*"), allow("PullImage", pullImage, repositoryArn)];
}

/** Redeploys one service, follows the deployment, and notifies the topic when it fails. */
export function redeployStatements(args: {
  readonly region: string;
  readonly keyArn: Input<string>;
  readonly serviceArn: Input<string>;
  readonly topicArn: Input<string>;
}): Statement[] {
  return [
    allow("RedeployService", ["ecs:DescribeServices", "ecs:UpdateService"], args.serviceArn),
    allow("ReportFailure", "sns:Publish", args.topicArn),
    allow("UseKeyForTopic", readAndWrite, args.keyArn, {
      StringEquals: {
        "kms:ViaService": `sns.${args.region}.amazonaws.com`,
        "kms:EncryptionContext:aws:sns:topicArn": args.topicArn,
      },
    }),
    deliverLogsStatement,
    traceExecutionsStatement,
  ];
}

/** What Step Functions needs to trace: https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html */
const traceExecutionsStatement: Statement = {
  ...traceStatement,
  Action: ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
};

/** What Step Functions needs to log; none of it names a resource: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const deliverLogsStatement = allow(
  "DeliverLogs",
  [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
  ],
  "*",
);
