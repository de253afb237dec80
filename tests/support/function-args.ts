import type { RotationImplementation, RotationStrategy } from "../../components/rotation/credential-function";

/** Arguments of the functions that log in to the database, as the program gives them. */
export const functionArgs = {
  accountId: "123456789012",
  region: "us-east-1",
  vpcId: "vpc-1",
  subnetIds: ["subnet-1", "subnet-2"],
  logGroupPrefix: "/todo-rotation/test/",
  logRetentionDays: 30,
  keyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
  secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-AbCdEf",
  superuserSecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf",
  rotationStrategy: "single-user" as RotationStrategy,
  rotationImplementation: "custom" as RotationImplementation,
  ownerRole: "todo_owner",
  destinations: {
    database: { securityGroupId: "sg-database", port: 5432 },
    endpoints: { securityGroupId: "sg-endpoints", port: 443 },
  },
  invokedAfter: [],
};
