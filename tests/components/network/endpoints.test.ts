import assert from "node:assert/strict";
import type { RotationStrategy } from "../../../components/rotation/credential";
import { Endpoints } from "../../../components/network/endpoints";
import { rotationArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const secretArns = [rotationArgs.secretArn];
const args = {
  ...rotationArgs,
  subnetIds: ["subnet-1"],
  routeTableIds: ["rtb-1"],
  secretArns,
  rotationStrategy: "single-user" as RotationStrategy,
  includeTaskStart: true,
  serviceImage: undefined as string | undefined,
};
const endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint";
const ofThisAccount = { StringEquals: { "aws:PrincipalAccount": "123456789012" } };

const build = (overrides: Partial<typeof args> = {}) =>
  register(() => new Endpoints("endpoints", { ...args, ...overrides }).destination);

describe("Endpoints", () => {
  it("pulls another program's image only from its own repository, in any account", async () => {
    const { policyOf } = await build({ serviceImage: "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/todo:v1" });
    for (const name of ["endpoints-ecr-api", "endpoints-ecr-dkr"]) {
      const pullImages = policyOf(endpointType, name).Statement.find(({ Sid }) => Sid === "PullImages");
      assert.equal(pullImages?.Resource, "arn:aws:ecr:us-east-1:210987654321:repository/team/todo");
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
    const { serviceName, routeTableIds } = inputsOf(endpointType, "endpoints-s3");
    assert.deepEqual([serviceName, routeTableIds], ["com.amazonaws.us-east-1.s3", ["rtb-1"]]);
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
      const { Statement } = policyOf(endpointType, "endpoints-secretsmanager");
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
      return policyOf(endpointType, name).Statement.map(({ Resource }) => Resource);
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
