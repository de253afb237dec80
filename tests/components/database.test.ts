import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Database } from "../../components/database";
import { register } from "../support/mocks";

const args = {
  vpcId: "vpc-1",
  subnetIds: ["subnet-private-1", "subnet-private-2"],
  availabilityZoneCount: 2,
  keyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
  databaseName: "tododb",
  engineVersion: "17",
  instanceCount: 3,
  minCapacityAcu: 2,
  maxCapacityAcu: 8,
  secondsUntilAutoPause: 600,
  backupRetentionDays: 35,
  deletionProtection: true,
  finalSnapshotIdentifier: "todo-rotation-test-final",
};
const clusterType = "aws:rds/cluster:Cluster";

const build = (overrides: Partial<typeof args> = {}) =>
  register(() => {
    const merged = { ...args, ...overrides };
    const database = new Database("database", { ...merged, subnetIds: pulumi.output(merged.subnetIds) });
    return { secret: database.masterUserSecretArn, endpoint: database.clusterEndpoint };
  });

describe("Database", () => {
  it("lets RDS make the master credential, under the stack's key", async () => {
    const { inputsOf, result } = await build();
    const inputs = inputsOf(clusterType);
    assert.equal(inputs.manageMasterUserPassword, true);
    assert.equal(inputs.masterUserSecretKmsKeyId, args.keyArn);
    assert.equal("masterPassword" in inputs, false);
    assert.match(result.secret, /:secret:rds!cluster-/);
  });

  it("is encrypted with the stack's key and takes TLS connections only", async () => {
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

  it("pauses at a minimum of 0 only", async () => {
    const paused = await build({ minCapacityAcu: 0 });
    const running = await build({ minCapacityAcu: 0.5 });
    const scaling = [paused, running].map(({ inputsOf }) => inputsOf(clusterType).serverlessv2ScalingConfiguration);
    assert.deepEqual(scaling, [
      { minCapacity: 0, maxCapacity: 8, secondsUntilAutoPause: 600 },
      { minCapacity: 0.5, maxCapacity: 8 },
    ]);
  });

  it("never slides into paid extended support, and exports its log", async () => {
    const { inputsOf } = await build();
    const { engineLifecycleSupport, enabledCloudwatchLogsExports, engineMode } = inputsOf(clusterType);
    assert.equal(engineLifecycleSupport, "open-source-rds-extended-support-disabled");
    assert.deepEqual(enabledCloudwatchLogsExports, ["postgresql"]);
    assert.equal(engineMode, "provisioned");
  });

  it("leaves a final snapshot under deletion protection and nothing without", async () => {
    const [kept, dropped] = [await build(), await build({ deletionProtection: false })];
    const deletion = [kept, dropped].map(({ inputsOf }) => {
      const { deletionProtection, skipFinalSnapshot, finalSnapshotIdentifier } = inputsOf(clusterType);
      return { deletionProtection, skipFinalSnapshot, finalSnapshotIdentifier };
    });
    assert.deepEqual(deletion, [
      { deletionProtection: true, skipFinalSnapshot: false, finalSnapshotIdentifier: "todo-rotation-test-final" },
      { deletionProtection: false, skipFinalSnapshot: true, finalSnapshotIdentifier: undefined },
    ]);
  });

  it("puts one instance after the other into the next Availability Zone", async () => {
    const { all } = await build();
    const instances = all.filter(({ type }) => type === "aws:rds/clusterInstance:ClusterInstance");
    const zones = instances.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ inputs }) => inputs.availabilityZone);
    assert.deepEqual(zones, ["us-east-1a", "us-east-1b", "us-east-1a"]);
  });

  it("gives every instance its certificate authority, and no public address", async () => {
    const { inputsOf } = await build({ instanceCount: 1 });
    const { caCertIdentifier, instanceClass, publiclyAccessible } = inputsOf("aws:rds/clusterInstance:ClusterInstance");
    assert.deepEqual(
      { caCertIdentifier, instanceClass, publiclyAccessible },
      { caCertIdentifier: "rds-ca-rsa2048-g1", instanceClass: "db.serverless", publiclyAccessible: false },
    );
  });

  it("runs Performance Insights from 2 ACU on, encrypted", async () => {
    const insights = [];
    for (const minCapacityAcu of [2, 1.5]) {
      const { inputsOf } = await build({ instanceCount: 1, minCapacityAcu });
      const inputs = inputsOf("aws:rds/clusterInstance:ClusterInstance");
      insights.push([inputs.performanceInsightsEnabled, inputs.performanceInsightsKmsKeyId]);
    }
    assert.deepEqual(insights, [
      [true, args.keyArn],
      [false, undefined],
    ]);
  });

  it("takes the parameter family of the major version", async () => {
    const { inputsOf } = await build({ engineVersion: "16.6" });
    const { family } = inputsOf("aws:rds/clusterParameterGroup:ClusterParameterGroup");
    assert.equal(family, "aurora-postgresql16");
    assert.equal(inputsOf(clusterType).engineVersion, "16.6");
  });
});
