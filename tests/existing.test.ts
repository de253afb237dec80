import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "../engine/graph";
import { findMissingIn } from "../engine/missing-values";
import { type ProgramRun, runProgram } from "../engine/program";
import { findCredentials } from "./support/credentials";
import { checkProgramAlone, root, runStack } from "./support/whole-program";

const clientSecurityGroupId = "sg-0123456789abcdef0";
const network = {
  existingNetwork: JSON.stringify({
    vpcId: "vpc-0123456789abcdef0",
    publicSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    privateSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
  }),
};
const both = { ...network, existingDatabase: JSON.stringify({ clusterIdentifier: "shop", clientSecurityGroupId }) };

const ofType = (resources: readonly Resource[], type: RegExp) => resources.filter((one) => type.test(one.type));

/** The groups that rules are added to. */
function groupsWithRules(resources: readonly Resource[]): string[] {
  return ofType(resources, /^aws:vpc\/securityGroup\w+Rule/).map(({ inputs }) => String(inputs.securityGroupId));
}

/** The groups of a function, or of the tasks. */
function securityGroupIds({ inputs }: Resource): unknown {
  const { vpcConfig, networkConfiguration } = inputs as Record<string, Record<string, unknown> | undefined>;
  return vpcConfig?.securityGroupIds ?? networkConfiguration?.securityGroups;
}

describe("the program in an existing network, on an existing cluster", () => {
  let up: ProgramRun;

  before(async () => {
    up = await runStack("prod", both);
  });

  it("creates neither, and no endpoint, because its policy would apply to everyone in the VPC", () => {
    assert.deepEqual([up.exitCode, up.log], [0, ""]);
    assert.deepEqual(ofType(up.resources, /^(aws:rds|aws:ec2\/(?!securityGroup:)|awsx:ec2)/), []);
  });

  it("adds rules only to its own groups, and joins the one that the cluster's group admits", () => {
    const own = ofType(up.resources, /^aws:ec2\/securityGroup:/).map(({ name }) => `sg-${name}`);
    assert.deepEqual(
      groupsWithRules(up.resources).filter((id) => !own.includes(id)),
      [],
    );
    const clients = ofType(up.resources, /^(aws:lambda\/function:Function|awsx:ecs:FargateService)$/);
    const joined = clients.map((one) => [
      one.name,
      JSON.stringify(securityGroupIds(one)).includes(clientSecurityGroupId),
    ]);
    assert.deepEqual(Object.fromEntries(joined), {
      "age-gauge": false,
      "credential-rotation": true,
      "database-bootstrap": true,
      "todo-service": true,
    });
  });

  it("has every value, holds no credential, and is protected by the guard", async () => {
    assert.deepEqual(findMissingIn({ preview: await runStack("prod", both, "preview"), up }), []);
    assert.deepEqual(findCredentials(up.outputs), []);
    const guards = ofType(up.resources, /:(DeletionGuard|ExistingNetwork|ExistingDatabase)$/);
    assert.deepEqual(
      guards.map(({ protect }) => protect),
      [true, true, true], // also those without resources of their own: the guard cannot depend on them
    );
    assert(ofType(up.resources, /:MetricAlarm$/).length > 10);
  });

  it("creates its own cluster in an existing network, in any zones and with an image of any registry: the network is another program's", async () => {
    const { exitCode, log, resources } = await runStack("dev", {
      ...network,
      serviceImage: "ghcr.io/team/todo:v1",
      availabilityZoneCount: "3",
      instanceCount: "3",
    });
    assert.deepEqual([exitCode, log], [0, ""]);
    assert.equal(ofType(resources, /^aws:rds\/cluster:/).length, 1);
    assert.deepEqual(ofType(resources, /^(aws:ec2\/vpcEndpoint|awsx:ec2)/), []);
    const zones = ofType(resources, /^aws:rds\/clusterInstance:/).map(({ inputs }) => inputs.availabilityZone);
    assert.equal(zones.length, 3);
    assert.equal(new Set(zones).size, 2, "the third instance is in the first one's zone");
  });

  it("registers nothing when something does not meet the requirements", async () => {
    const overrides = new Map(Object.entries({ ...both, username: "administrator" }));
    const { exitCode, log, resources } = await runProgram({ root, stack: "dev", overrides });
    assert.notEqual(exitCode, 0);
    assert.match(log, /error:.*nothing was registered or changed\.\s+username: received "administrator"/);
    assert.doesNotMatch(log, /\n\s+at /);
    assert.deepEqual(
      resources.map(({ type }) => type),
      ["pulumi:pulumi:Stack"],
    );
  });
});

describe("examples/existing-aurora", () => {
  const folder = join(root, "examples/existing-aurora");

  it("adds a rotated credential and its alarms to another program's cluster", async () => {
    const { exitCode, log, findings, resources, outputs } = await checkProgramAlone({ root: folder, stack: "dev" });
    assert.deepEqual([exitCode, log, findings], [0, "", []]);
    assert.deepEqual(ofType(resources, /^(aws:rds|aws:ec2\/(?!securityGroup:)|awsx:)/), []);
    const has = (type: RegExp) => ofType(resources, type).length;
    assert.deepEqual([has(/:SecretRotation$/), has(/:MetricAlarm$/), has(/:Invocation$/)], [1, 10, 2]);
    assert.match(String(outputs.secretArn), /:secret:existing-aurora-dev\/database\/shop-/);
  });

  it("is short", () => {
    assert(readFileSync(join(folder, "index.ts"), "utf8").split("\n").length <= 60);
  });
});
