import assert from "node:assert/strict";
import type { RotationImplementation, RotationStrategy } from "../../../components/rotation/credential";
import { Endpoints } from "../../../components/network/endpoints";
import { register } from "../../support/mocks";

const secretArns = ["arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-AbCdEf"];
const args = {
  accountId: "123456789012",
  region: "us-east-1",
  vpcId: "vpc-1",
  subnetIds: ["subnet-1"],
  routeTableIds: ["rtb-1"],
  secretArns,
  rotationImplementation: "custom" as RotationImplementation,
  rotationStrategy: "single-user" as RotationStrategy,
  clusterArn: "arn:aws:rds:us-east-1:123456789012:cluster:database",
  includeTaskStart: true,
  serviceImage: undefined as string | undefined,
  logGroupPrefix: "/todo-rotation/test/",
};
const endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint";
const ofThisAccount = { StringEquals: { "aws:PrincipalAccount": "123456789012" } };

const build = (overrides: Partial<typeof args> = {}) =>
  register(() => new Endpoints("endpoints", { ...args, ...overrides }).destination);

describe("Endpoints", () => {
  it("reaches only Secrets Manager if there is NAT", async () => {
    const { all } = await build({ includeTaskStart: false });
    const services = all.filter(({ type }) => type === endpointType).map(({ inputs }) => inputs.serviceName);
    assert.deepEqual(services, ["com.amazonaws.us-east-1.secretsmanager"]);
  });

  it("reaches what Fargate needs to start a task if there is no NAT", async () => {
    const { all } = await build();
    const services = all.filter(({ type }) => type === endpointType).map(({ inputs }) => inputs.serviceName);
    const expected = ["ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager"];
    assert.deepEqual(
      services.sort(),
      expected.map((service) => `com.amazonaws.us-east-1.${service}`),
    );
  });

  it("pulls the service's image only from its own repository, in any account", async () => {
    const image = "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/todo:v1";
    for (const [serviceImage, repositoryArn] of [
      [undefined, "arn:aws:ecr:us-east-1:123456789012:repository/*"],
      [image, "arn:aws:ecr:us-east-1:210987654321:repository/team/todo"],
    ] as const) {
      const { policyOf } = await build({ serviceImage });
      for (const name of ["endpoints-ecr-api", "endpoints-ecr-dkr"]) {
        const { Statement } = policyOf(endpointType, name) as { Statement: { Sid: string; Resource: unknown }[] };
        assert.deepEqual(Statement.find(({ Sid }) => Sid === "PullImages")?.Resource, repositoryArn);
      }
    }
  });

  it("answers under AWS's own names, in the given subnets, with its own security group", async () => {
    const { inputsOf } = await build();
    const inputs = inputsOf(endpointType, "endpoints-secretsmanager");
    assert.deepEqual(inputs, {
      vpcId: "vpc-1",
      vpcEndpointType: "Interface",
      serviceName: "com.amazonaws.us-east-1.secretsmanager",
      privateDnsEnabled: true,
      subnetIds: ["subnet-1"],
      securityGroupIds: ["sg-endpoints"],
      policy: inputs.policy, // the tests below check it
    });
    assert.deepEqual(inputsOf(endpointType, "endpoints-s3").routeTableIds, ["rtb-1"]);
  });

  it("allows this account's principals to do only what the functions do, with this stack's secrets", async () => {
    const { policyOf } = await build();
    assert.deepEqual(policyOf(endpointType, "endpoints-secretsmanager"), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "UseSecretsOfStack",
          Effect: "Allow",
          Principal: "*",
          Action: [
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:ListSecretVersionIds",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
          ],
          Resource: secretArns,
          Condition: ofThisAccount,
        },
      ],
    });
  });

  it("allows AWS's function to generate passwords, and only for alternating users to ask RDS for the cluster", async () => {
    for (const rotationStrategy of ["single-user", "alternating-users"] as const) {
      const { count, policyOf } = await build({
        rotationImplementation: "aws-provided",
        rotationStrategy,
        includeTaskStart: false,
      });
      const { Statement } = policyOf(endpointType, "endpoints-secretsmanager") as { Statement: object[] };
      assert.deepEqual(Statement.at(-1), {
        Sid: "MakePasswords",
        Effect: "Allow",
        Principal: "*",
        Action: "secretsmanager:GetRandomPassword",
        Resource: "*",
        Condition: ofThisAccount,
      });
      if (rotationStrategy === "single-user") {
        assert.equal(count(endpointType), 1);
        continue;
      }
      assert.deepEqual(policyOf(endpointType, "endpoints-rds"), {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "DescribeCluster",
            Effect: "Allow",
            Principal: "*",
            Action: "rds:DescribeDBClusters",
            Resource: args.clusterArn,
            Condition: ofThisAccount,
          },
        ],
      });
    }
  });

  it("restricts the other endpoints to pulling images and writing the stack's logs", async () => {
    const { policyOf } = await build();
    const resources = ["endpoints-ecr-api", "endpoints-ecr-dkr", "endpoints-logs", "endpoints-s3"].map((name) => {
      const { Statement } = policyOf(endpointType, name) as { Statement: { Resource: string }[] };
      return Statement.map(({ Resource }) => Resource);
    });
    const registry = ["*", "arn:aws:ecr:us-east-1:123456789012:repository/*"]; // the login names no resource
    assert.deepEqual(resources, [
      registry,
      registry,
      ["arn:aws:logs:us-east-1:123456789012:log-group:/todo-rotation/test/*"],
      ["arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"],
    ]);
  });
});
