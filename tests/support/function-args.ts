import type { Credential, Credentials, RotationImplementation } from "../../components/rotation/credential";
import type { Destination } from "../../components/network/traffic";

const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-AbCdEf";

/** The service's own. */
export const ownCredential: Credential = {
  username: "todo",
  access: "owner",
  strategy: "single-user",
  rotationRules: { automaticallyAfterDays: 30 },
  rotationOverdueAfterDays: 32,
  secretArn,
  secretName: "todo-rotation/test/database/todo",
};

/** An additional user's, which sets everything explicitly. */
export const otherCredential: Credential = {
  username: "report",
  access: "read-only",
  strategy: "alternating-users",
  rotationRules: { scheduleExpression: "rate(7 days)" },
  rotationOverdueAfterDays: 9,
  secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:report-AbCdEf",
  secretName: "todo-rotation/test/database/report",
};

/** Arguments of the functions that log in to the database, as the program passes them. */
export const functionArgs = {
  accountId: "123456789012",
  region: "us-east-1",
  vpcId: "vpc-1",
  subnetIds: ["subnet-1", "subnet-2"],
  logGroupPrefix: "/todo-rotation/test/",
  logRetentionDays: 30,
  keyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
  secretArn,
  credentials: [ownCredential] as Credentials,
  superuserSecret: {
    secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf",
    keyArn: "arn:aws:kms:us-east-1:123456789012:key/2",
  },
  rotationImplementation: "custom" as RotationImplementation,
  ownerRole: "todo_owner",
  destinations: {
    database: { securityGroupId: "sg-database", port: 5432 },
    endpoints: { securityGroupId: "sg-endpoints", port: 443 },
  } as { readonly database: Destination; readonly endpoints: Destination },
  invokedAfter: [],
};

/** Arguments of everything that rotates, as the program passes them. */
export const rotationArgs = {
  ...functionArgs,
  stackName: "todo-rotation-test",
  clusterArn: "arn:aws:rds:us-east-1:123456789012:cluster:database",
  rotationApplicationVersion: "1.1.671",
  rotateImmediately: false,
};
