import assert from "node:assert/strict";
import { change, recordedLog } from "./changes";
import { readChanges } from "./events";
import { judgeChanges, judgeDeletions, judgeSecondPreview } from "./judgement";

describe("the judgement of an up on a running stack", () => {
  it("finds nothing in a change of the strategy", () => {
    assert.deepEqual(judgeChanges(readChanges(recordedLog("strategy"))), []);
  });

  it("finds a database instance that would be replaced", () => {
    assert.deepEqual(judgeChanges(readChanges(recordedLog("zones-preview"))), [
      "aws:rds/clusterInstance:ClusterInstance database-1 is replaced because of availabilityZone: lost is every connection to it",
    ]);
  });

  it("finds what is deleted before its replacement exists, or would be because its name is taken", () => {
    assert.deepEqual(judgeChanges(readChanges(recordedLog("deleted-first"))), [
      "aws:iam/role:Role role is deleted before its replacement stands because of path",
      "aws:iam/role:Role role is replaced under the same name because of path: the published provider deletes the old one first",
      "aws:cloudwatch/logGroup:LogGroup log is deleted before its replacement stands because of name",
    ]);
  });

  for (const type of [
    "aws:rds/cluster:Cluster",
    "aws:secretsmanager/secret:Secret",
    "aws:kms/key:Key",
    "aws:ec2/vpc:Vpc",
    "aws:lb/loadBalancer:LoadBalancer",
  ]) {
    it(`finds a lost ${type}, and allows it to be updated`, () => {
      assert.match(judgeChanges([change("replaced", type, "x")]).join(), /is replaced: lost is/);
      assert.match(judgeChanges([change("deleted", type, "x")]).join(), /is deleted: lost is/);
      assert.deepEqual(judgeChanges([change("updated", type, "x"), change("created", type, "x")]), []);
    });
  }

  it("allows an instance to be removed when there are to be fewer", () => {
    assert.deepEqual(judgeChanges([change("deleted", "aws:rds/clusterInstance:ClusterInstance", "database-2")]), []);
  });

  it("allows the secret of an additional user to be removed, and no other", () => {
    const type = "aws:secretsmanager/secret:Secret";
    assert.deepEqual(judgeChanges([change("deleted", type, "report-database-secret")]), []);
    assert.match(
      judgeChanges([change("deleted", type, "database-secret")]).join(),
      /is deleted: lost is the credential/,
    );
  });
});

describe("the judgement of a preview after an up", () => {
  it("finds what is left to do, without the emulator's differences", () => {
    const left = change("updated", "aws:ecs/service:Service", "todo-service", { properties: ["desiredCount"] });
    const ofEmulator = change("updated", "aws:ecs/service:Service", "s", {
      properties: ["healthCheckGracePeriodSeconds"],
    });
    assert.deepEqual(judgeSecondPreview([left, ofEmulator, change("created", "aws:sns/topic:Topic", "alarms")]), [
      "aws:ecs/service:Service todo-service would be updated once more: desiredCount",
      "aws:sns/topic:Topic alarms would be created once more",
    ]);
  });
});

describe("the judgement of a destroy", () => {
  const inOrder = [
    ["aws:secretsmanager/secretRotation:SecretRotation", "credential-rotation"],
    ["aws:lambda/permission:Permission", "credential-rotation"],
    ["aws:ecs/service:Service", "todo-service"],
    ["aws:lb/listener:Listener", "todo-service-0"],
    ["aws:ecs/cluster:Cluster", "todo-service"],
    ["aws:rds/clusterInstance:ClusterInstance", "database-1"],
    ["aws:lambda/function:Function", "credential-rotation"],
    ["aws:rds/cluster:Cluster", "database"],
    ["aws:cloudwatch/eventTarget:EventTarget", "age-gauge"],
    ["aws:cloudwatch/eventRule:EventRule", "age-gauge"],
    ["aws:cloudtrail/trail:Trail", "trail"],
    ["aws:s3/bucket:Bucket", "trail"],
    ["aws:secretsmanager/secret:Secret", "database-secret"],
    ["aws:kms/key:Key", "key"],
  ] as const;
  const deletions = (order: readonly (readonly [string, string])[]) =>
    order.map(([type, name], i) => change("deleted", type, name, { startedAt: 2 * i, endedAt: 2 * i + 1 }));

  it("finds nothing when dependents go first", () => {
    assert.deepEqual(judgeDeletions(deletions(inOrder)), []);
  });

  it("finds every pair when the order is reversed", () => {
    const findings = judgeDeletions(deletions([...inOrder].reverse()));
    assert.equal(findings.length, 11);
    assert.match(
      findings.join("\n"),
      /Key key was deleted before aws:rds\/cluster:Cluster database was gone: the cluster/,
    );
  });

  it("finds a deletion that starts before the other one has ended", () => {
    const [rotation, permission, ...rest] = deletions(inOrder);
    assert(rotation && permission);
    assert.deepEqual(judgeDeletions([rotation, { ...permission, startedAt: 0 }, ...rest]).length, 1);
  });

  it("treats AWS's application as the function, and also finds it deleted too early", () => {
    const application = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack";
    const others = inOrder.filter(([type]) => !/^aws:lambda.(permission|function)/.test(type));
    const [rotation, ...rest] = deletions([...others, [application, "credential-rotation"]]);
    assert(rotation);
    assert.deepEqual(judgeDeletions([rotation, ...rest]), []);
    assert.equal(judgeDeletions([{ ...rotation, startedAt: 98, endedAt: 99 }, ...rest]).length, 2);
  });

  it("finds half a pair, and accepts a stack without its own trail", () => {
    const without = (...types: string[]) => deletions(inOrder.filter(([type]) => !types.includes(type)));
    const [trail, bucket] = ["aws:cloudtrail/trail:Trail", "aws:s3/bucket:Bucket"];
    assert.deepEqual(judgeDeletions(without(trail)), [`only one of ${trail} and ${bucket} was deleted`]);
    assert.deepEqual(judgeDeletions(without(trail, bucket)), []);
  });
});
