import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Database } from "../../../components/database";
import { register } from "../../support/mocks";

const args = {
  vpcId: "vpc-1",
  subnetIds: ["subnet-private-1", "subnet-private-2"],
  keyArn: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  databaseName: "tododb",
  engineVersion: "17",
  instanceCount: 3,
  minCapacityAcu: 2,
  maxCapacityAcu: 8,
  secondsUntilAutoPause: 600,
  backupRetentionDays: 35,
  deletionProtection: true,
  finalSnapshot: true,
  stackName: "todo-rotation-test",
};
const clusterType = "aws:rds/cluster:Cluster";
const instanceType = "aws:rds/clusterInstance:ClusterInstance";

const build = (overrides: Partial<typeof args> = {}) =>
  register(() => {
    const merged = { ...args, ...overrides };
    const database = new Database("database", { ...merged, subnetIds: pulumi.output(merged.subnetIds) });
    return { secret: database.superuserSecret.secretArn, endpoint: database.clusterEndpoint };
  });

describe("Database", () => {
  it("lets RDS generate the master credential, under the stack's key", async () => {
    const { inputsOf, result } = await build();
    const inputs = inputsOf(clusterType);
    assert.equal(inputs.manageMasterUserPassword, true);
    assert.equal(inputs.masterUserSecretKmsKeyId, args.keyArn);
    assert.equal("masterPassword" in inputs, false);
    assert.match(result.secret, /:secret:rds!cluster-/);
  });

  it("is encrypted with the stack's key and accepts only TLS connections", async () => {
    const { inputsOf } = await build();
    const { storageEncrypted, kmsKeyId, dbClusterParameterGroupName } = inputsOf(clusterType);
    assert.deepEqual({ storageEncrypted, kmsKeyId }, { storageEncrypted: true, kmsKeyId: args.keyArn });
    assert.equal(dbClusterParameterGroupName, "database");
    assert.deepEqual(inputsOf("aws:rds/clusterParameterGroup:ClusterParameterGroup"), {
      description: "Managed by Pulumi",
      family: "aurora-postgresql17",
      parameters: [{ name: "rds.force_ssl", value: "1" }],
    });
  });

  it("pauses only with a minimum of 0", async () => {
    const paused = await build({ minCapacityAcu: 0 });
    const running = await build({ minCapacityAcu: 0.5 });
    const scaling = [paused, running].map(({ inputsOf }) => inputsOf(clusterType).serverlessv2ScalingConfiguration);
    assert.deepEqual(scaling, [
      { minCapacity: 0, maxCapacity: 8, secondsUntilAutoPause: 600 },
      { minCapacity: 0.5, maxCapacity: 8 },
    ]);
  });

  it("never enters paid extended support", async () => {
    const { inputsOf } = await build();
    const { engineLifecycleSupport, engineMode } = inputsOf(clusterType);
    assert.equal(engineLifecycleSupport, "open-source-rds-extended-support-disabled");
    assert.equal(engineMode, "provisioned");
  });

  it("leaves a final snapshot when asked to, with its key's id in its name, so that each life of the stack has another", async () => {
    const deletion = async (overrides: Partial<typeof args>) => {
      const { skipFinalSnapshot, finalSnapshotIdentifier } = (await build(overrides)).inputsOf(clusterType);
      return [skipFinalSnapshot, finalSnapshotIdentifier];
    };
    assert.deepEqual(await deletion({}), [false, "todo-rotation-test-final-1234abcd"]);
    assert.deepEqual(await deletion({ deletionProtection: false }), [false, "todo-rotation-test-final-1234abcd"]);
    const keyArn = args.keyArn.replace("1234abcd", "0a1b2c3d");
    assert.deepEqual(await deletion({ keyArn }), [false, "todo-rotation-test-final-0a1b2c3d"]);
    assert.deepEqual(await deletion({ finalSnapshot: false }), [true, undefined]);
  });

  for (const [what, type, property] of [
    [
      "its database when another name is configured, because AWS would replace the cluster",
      clusterType,
      "databaseName",
    ],
    ["its instance in its zone when the number of zones changes", instanceType, "availabilityZone"],
  ] as const) {
    it(`keeps ${what}`, async () => {
      const ignored: unknown[] = [];
      const transformation: pulumi.ResourceTransformation = (one) => {
        if (one.type === type) ignored.push((one.opts as pulumi.CustomResourceOptions).ignoreChanges);
        return undefined;
      };
      const subnetIds = pulumi.output(args.subnetIds);
      const opts = { transformations: [transformation] };
      await register(() => new Database("database", { ...args, subnetIds, instanceCount: 1 }, opts).clusterArn);
      assert.deepEqual(ignored, [[property]]);
    });
  }

  it("sets every instance's certificate authority, and leaves the engine version to the cluster", async () => {
    const { inputsOf } = await build({ instanceCount: 1 });
    const { caCertIdentifier, instanceClass, engineVersion } = inputsOf(instanceType);
    assert.deepEqual(
      [caCertIdentifier, instanceClass, engineVersion],
      ["rds-ca-rsa2048-g1", "db.serverless", undefined],
    );
  });

  it("enables Performance Insights from 2 ACU on, encrypted", async () => {
    const insights = [];
    for (const minCapacityAcu of [2, 1.5]) {
      const { inputsOf } = await build({ instanceCount: 1, minCapacityAcu });
      const inputs = inputsOf(instanceType);
      insights.push([inputs.performanceInsightsEnabled, inputs.performanceInsightsKmsKeyId]);
    }
    assert.deepEqual(insights, [
      [true, args.keyArn],
      [false, undefined],
    ]);
  });

  it("uses the parameter family of the major version", async () => {
    const { inputsOf } = await build({ engineVersion: "16.6" });
    const { family } = inputsOf("aws:rds/clusterParameterGroup:ClusterParameterGroup");
    assert.equal(family, "aurora-postgresql16");
    assert.equal(inputsOf(clusterType).engineVersion, "16.6");
  });
});
