import assert from "node:assert/strict";
import {
  AwsProvidedRotation,
  rotationApplicationArn,
  type AwsProvidedRotationArgs,
  type DatabaseEngine,
} from "../../../components/rotation/aws-provided";
import type { RotationStrategy } from "../../../components/rotation/credential";
import { functionArgs, rotationArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const args: AwsProvidedRotationArgs = {
  ...rotationArgs,
  rotationStrategy: "single-user",
  superuserSecret: undefined,
  engine: "postgresql",
  applicationVersion: "1.1.671",
  functionName: "todo-rotation-test-rotation",
};
const alternating: Partial<AwsProvidedRotationArgs> = {
  rotationStrategy: "alternating-users",
  superuserSecret: functionArgs.superuserSecret,
};
const build = (overrides: Partial<AwsProvidedRotationArgs> = {}) =>
  register(() => new AwsProvidedRotation("rotation", { ...args, ...overrides }).functionArn);

const applicationType = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack";

describe("AwsProvidedRotation", () => {
  it("creates AWS's application, in its version, with the required parameters", async () => {
    const { all, inputsOf } = await build();
    assert.deepEqual(inputsOf(applicationType), {
      applicationId:
        "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser",
      semanticVersion: "1.1.671",
      capabilities: ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
      parameters: {
        endpoint: "https://secretsmanager.us-east-1.amazonaws.com",
        functionName: "todo-rotation-test-rotation",
        vpcSubnetIds: "subnet-1,subnet-2",
        vpcSecurityGroupIds: "sg-rotation",
        excludeCharacters: " %+`#$&*()|[]{}:;<>?!'/@\"\\=,^",
        kmsKeyArn: functionArgs.keyArn,
      },
    });
    assert.deepEqual(
      all.map(({ type }) => type).filter((type) => /^aws:(iam|lambda)/.test(type)),
      [],
    );
  });

  it("allows the function to reach the database and Secrets Manager, and nothing else", async () => {
    const { all } = await build();
    const rules = all.filter(({ type }) => type === "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule");
    assert.deepEqual(
      rules.map(({ inputs }) => [inputs.securityGroupId, inputs.referencedSecurityGroupId, inputs.fromPort]),
      [
        ["sg-rotation", "sg-database", 5432],
        ["sg-rotation", "sg-endpoints", 443],
      ],
    );
  });

  it("gives alternating users the superuser's secret, and permission to find the database, which the secret does not name", async () => {
    const { inputsOf, policyOf } = await build(alternating);
    const { applicationId, parameters } = inputsOf(applicationType);
    assert.match(String(applicationId), /RotationMultiUser$/);
    const { masterSecretArn, masterSecretKmsKeyArn } = parameters as Record<string, unknown>;
    const { secretArn, keyArn } = functionArgs.superuserSecret;
    assert.deepEqual([masterSecretArn, masterSecretKmsKeyArn], [secretArn, keyArn]);
    assert.equal(inputsOf("aws:iam/rolePolicy:RolePolicy").role, "role-of-todo-rotation-test-rotation");
    assert.deepEqual(policyOf("aws:iam/rolePolicy:RolePolicy"), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "FindCluster",
          Effect: "Allow",
          Action: "secretsmanager:DescribeSecret",
          Resource: functionArgs.superuserSecret.secretArn,
        },
        { Sid: "DescribeCluster", Effect: "Allow", Action: "rds:DescribeDBClusters", Resource: args.clusterArn },
      ],
    });
  });

  it("refuses alternating users without a superuser, and an unneeded superuser", () => {
    for (const [wrong, received] of [
      [{ rotationStrategy: "alternating-users" }, "nothing"],
      [{ superuserSecret: functionArgs.superuserSecret }, "a secret"],
    ] as const) {
      assert.throws(
        () => new AwsProvidedRotation("rotation", { ...args, ...wrong }),
        new RegExp(`superuserSecret: received ${received}`),
      );
    }
  });
});

describe("rotationApplicationArn", () => {
  it("names the application of each engine and strategy as AWS does", () => {
    const engines: readonly DatabaseEngine[] = ["postgresql", "mysql", "mariadb"];
    const names = engines.flatMap((engine) =>
      (["single-user", "alternating-users"] as const).map((strategy) =>
        rotationApplicationArn(engine, strategy).replace(/^.*SecretsManager/, ""),
      ),
    );
    assert.deepEqual(names, [
      "RDSPostgreSQLRotationSingleUser",
      "RDSPostgreSQLRotationMultiUser",
      "RDSMySQLRotationSingleUser",
      "RDSMySQLRotationMultiUser",
      "RDSMariaDBRotationSingleUser",
      "RDSMariaDBRotationMultiUser",
    ]);
  });

  it("refuses an engine or a strategy without an application of AWS", () => {
    assert.throws(
      () => rotationApplicationArn("dynamodb" as DatabaseEngine, "single-user"),
      /^Error: engine: received "dynamodb", accepted is postgresql, mysql, mariadb$/,
    );
    assert.throws(
      () => rotationApplicationArn("mysql", "toString" as RotationStrategy),
      /^Error: rotationStrategy: received "toString", accepted is single-user, alternating-users$/,
    );
  });
});
