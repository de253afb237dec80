import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { loadStackConfig, type StackConfig } from "../../config";
import { listStacks, readProject, readStackConfig } from "../../engine/stack-config";
import { itRefuses } from "../support/configuration";
import { root } from "../support/whole-program";

/** What must be set before the first `up`. */
const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const ownValues: Readonly<Record<string, Readonly<Record<string, string>>>> = { prod: { certificateArn } };

/**
 * Loads the configuration of a stack's file with some values changed, as by `pulumi config set`.
 *
 * @param name of the stack that has this configuration
 */
async function load(
  stack: string,
  overrides: Readonly<Record<string, string>> = {},
  name = stack,
): Promise<StackConfig> {
  await pulumi.runtime.setMocks(
    { newResource: () => assert.fail("configuration registers nothing"), call: () => assert.fail("nor does it ask") },
    "todo-rotation",
    name,
  );
  const values = { ...ownValues[stack], ...overrides };
  pulumi.runtime.setAllConfig(readStackConfig(root, stack, new Map(Object.entries(values))));
  return loadStackConfig();
}

/** The refusal, one finding per line. Arguments as for load(). */
async function findings(stack: string, overrides: Readonly<Record<string, string>>, name = stack): Promise<string[]> {
  try {
    await load(stack, overrides, name);
  } catch (error) {
    assert(pulumi.RunError.isInstance(error), "a RunError is shown without a stack trace");
    const [headline, ...lines] = error.message.split("\n  ");
    assert.equal(headline, `The configuration of stack ${name} is refused; nothing was registered.`);
    return lines;
  }
  return [];
}

describe("configuration", () => {
  for (const stack of listStacks(root)) {
    it(`accepts the committed ${stack} stack, and reads every key of Pulumi.yaml`, async () => {
      // Unknown keys are refused, so all keys of a configuration that loads are read.
      assert.deepEqual(await findings(stack, {}), []);
      const unreadKeys = await findings(stack, { unreadKey: "1" });
      const [, keys = ""] = /accepted is one of the keys (.*)$/.exec(unreadKeys.join()) ?? [];
      assert.deepEqual(keys.split(", "), Object.keys(readProject(root).config).sort());
    });
  }

  it("refuses the placeholders of the committed prod stack, and explains each in a sentence", async () => {
    const { "todo-rotation:certificateArn": placeholder = "" } = readStackConfig(root, "prod");
    const [finding = "", ...others] = await findings("prod", { certificateArn: placeholder });
    assert.match(finding, /^todo-rotation:certificateArn: .* accepted is the ARN of your own certificate/);
    assert.deepEqual(others, []);
  });

  it("gives the type and meaning of every key", () => {
    for (const [key, { type, description, default: value }] of Object.entries(readProject(root).config)) {
      const types: Record<string, string> = {
        ...{ string: "string", integer: "number", boolean: "boolean" },
        ...{ object: "object", array: "array" },
      };
      assert.equal(
        Array.isArray(value) ? "array" : typeof value,
        types[type],
        `${key}: the default is not of type ${type}`,
      );
      assert.match(description, /^\S.{20,}\.$/, `${key}: a description is a sentence`);
    }
  });

  it("refuses AWS's function for a stack whose name is too long for it", async () => {
    const ofLength = (length: number) => "s".repeat(length - "todo-rotation-".length);
    for (const [length, refused] of [
      [46, 0],
      [47, 1],
    ] as const) {
      const found = await findings("dev", { rotationImplementation: "aws-provided" }, ofLength(length));
      assert.equal(found.length, refused);
      assert.match(found.join(), /^$|rotationImplementation: .* at most 46 characters/);
    }
    assert.deepEqual(await findings("dev", {}, ofLength(47)), []);
  });

  it("passes on what the components need, in their types", async () => {
    const { stack, region, users, minCapacityAcu, deletionProtection, serviceImage } = await load("dev");
    assert.deepEqual(
      { stack, region, users, minCapacityAcu, deletionProtection, serviceImage },
      {
        stack: "dev",
        region: "us-east-1",
        users: [
          {
            ...{
              username: "todo",
              access: "owner",
              strategy: "single-user",
              secretName: "todo-rotation/dev/database/todo",
            },
            ...{ rotationRules: { automaticallyAfterDays: 30 }, rotationOverdueAfterDays: 32 },
          },
        ],
        minCapacityAcu: 0,
        deletionProtection: false,
        serviceImage: undefined,
      },
    );
  });

  const accepted: readonly (readonly [overrides: Record<string, string>, rules: object])[] = [
    [{ rotationDays: "1" }, { automaticallyAfterDays: 1 }],
    [
      { rotationDays: "999", rotationWindowHours: "24" },
      { automaticallyAfterDays: 999, duration: "24h" },
    ],
    [{ rotationScheduleExpression: "rate(4 hours)" }, { scheduleExpression: "rate(4 hours)" }],
    [
      { rotationScheduleExpression: "cron(0 /8 * * ? *)", rotationWindowHours: "8" },
      { scheduleExpression: "cron(0 /8 * * ? *)", duration: "8h" },
    ],
  ];
  for (const [overrides, rules] of accepted) {
    it(`takes the schedule ${JSON.stringify(overrides)}`, async () => {
      assert.deepEqual((await load("dev", overrides)).users[0].rotationRules, rules);
    });
  }

  const refused: [overrides: Record<string, string>, finding: RegExp][] = [
    [{ tpyo: "1" }, /^todo-rotation:tpyo: received "1", accepted is one of the keys /],
    [{ rotateOnDeploy: "yes" }, /^todo-rotation:rotateOnDeploy: received "yes", accepted is false, true$/],
    [
      { backupRetentionDays: "many" },
      /^todo-rotation:backupRetentionDays: received "many", accepted is a whole number/,
    ],
    [{ backupRetentionDays: "7.0" }, /backupRetentionDays: received "7.0"/],
    [{ availabilityZoneCount: "1" }, /availabilityZoneCount: received "1", accepted is a whole number from 2 to 3$/],
    [{ endpointAvailabilityZoneCount: "3" }, /endpointAvailabilityZoneCount: .* from 1 to 2$/],
    [{ vpcCidrBlock: "10.0.0.0/25" }, /vpcCidrBlock: received "10.0.0.0\/25", accepted is an IPv4 block, \/16 to \/24/],
    [{ minCapacityAcu: "2.5" }, /minCapacityAcu: received "2.5", accepted is at most maxCapacityAcu, 2$/],
    [{ minCapacityAcu: "0.3" }, /minCapacityAcu: received "0.3", accepted is 0 to 256 in steps of 0.5$/],
    [{ maxCapacityAcu: "0.5" }, /maxCapacityAcu: received "0.5", accepted is 1 to 256/],
    [{ engineVersion: "15.8" }, /engineVersion: received "15.8", accepted is 16 or later/],
    [{ engineVersion: "16.2" }, /engineVersion: received "16.2", accepted is 16.3 or later with minCapacityAcu 0/],
    [
      { recoveryWindowInDays: "3" },
      /recoveryWindowInDays: received "3", accepted is 0 or a whole number from 7 to 30$/,
    ],
    [{ logRetentionDays: "31" }, /logRetentionDays: received "31", accepted is 1, 3, 5, 7/],
    [{ egress: "nat" }, /egress: received "nat", accepted is none, single-nat, nat-per-az$/],
    [{ rotationStrategy: "dual" }, /rotationStrategy: received "dual", accepted is single-user, alternating-users$/],
    [{ rotationImplementation: "aws" }, /rotationImplementation: received "aws", accepted is custom, aws-provided$/],
    [
      { rotationApplicationVersion: "1.1" },
      /rotationApplicationVersion: received "1.1", accepted is a semantic version, .*: 1\.1\.671$/,
    ],
    [{ rotationApplicationVersion: "v1.1.671" }, /rotationApplicationVersion: received "v1.1.671"/],
    [{ rotationApplicationVersion: "" }, /rotationApplicationVersion: received "", accepted is a semantic version/],
    [
      { credentialDelivery: "environment", rotationStrategy: "single-user" },
      /credentialDelivery: received "environment", accepted is runtime with rotationStrategy single-user/,
    ],
    [{ credentialDelivery: "file" }, /credentialDelivery: received "file", accepted is runtime, environment$/],
    [
      { rotationScheduleExpression: "rate(1 hour)" },
      /rotationScheduleExpression: received "rate\(1 hour\)", accepted is at least 4 hours between rotations \(this is 1\)/,
    ],
    [{ rotationScheduleExpression: "rate(300 minutes)" }, /rotationScheduleExpression: .*does not accept minutes$/],
    [{ rotationScheduleExpression: "cron(30 3 * * ? *)" }, /rotationScheduleExpression: .*minutes are 0/],
    [
      { rotationScheduleExpression: "rate(4 hours)", rotationWindowHours: "5" },
      /rotationWindowHours: received "5", accepted is at most 4 with rate\(4 hours\)/,
    ],
    [
      { rotationScheduleExpression: "rate(10 days)", rotationDays: "10" },
      /rotationDays: received "10", accepted is 0 if rotationScheduleExpression is set/,
    ],
    [
      { certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/abc" },
      /certificateArn: received ".*", accepted is arn:aws:acm:us-east-1:account:certificate\/id, in the stack's own region$/,
    ],
    [
      { certificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/abc" },
      /certificateArn: received ".*", accepted is the ARN of your own certificate .*; this one is a placeholder/,
    ],
    [{ cpuUnits: "300" }, /cpuUnits: received "300", accepted is 256, 512/],
    [{ memoryMib: "8192" }, /memoryMib: received "8192", accepted is 512, 1024, 2048 with cpuUnits 256$/],
    [{ serviceImage: "UPPER CASE" }, /serviceImage: received "UPPER CASE", accepted is registry/],
    [
      { serviceImage: "public.ecr.aws/nginx/nginx:1.29" },
      /serviceImage: .* an ECR image of us-east-1 while egress is none/,
    ],
    [{ "aws:region": "us-gov-west-1" }, /^aws:region: received "us-gov-west-1", accepted is an AWS Region/],
  ];
  itRefuses(refused, (overrides) => findings("dev", overrides));

  it("passes on another service's port, variables, database and user, whose secret keeps its name", async () => {
    const values = { containerPort: "3000", environment: '{"LOG_LEVEL":"debug"}', databaseName: "shop" };
    const config = await load("dev", { ...values, username: "orders" });
    const { containerPort, environment, databaseName, ownerRole } = config;
    assert.deepEqual([containerPort, environment], [3000, { LOG_LEVEL: "debug" }]);
    assert.deepEqual([databaseName, ownerRole, config.users[0].username], ["shop", "orders_owner", "orders"]);
    assert.equal(config.users[0].secretName, "todo-rotation/dev/database/todo");
  });

  it("accepts a floating tag in dev, and refuses it in prod", async () => {
    const floating = { serviceImage: "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo:latest" };
    assert.equal((await load("dev", floating)).serviceImage, floating.serviceImage);
    const [found = "", ...others] = await findings("prod", floating);
    assert.match(found, /serviceImage: .* a fixed tag or digest, not latest, while deletionProtection is true$/);
    assert.deepEqual(others, []);
  });

  it("reports every wrong key in one error", async () => {
    const found = await findings("dev", { egress: "nat", instanceCount: "0", rotationDays: "1000", cpuUnits: "x" });
    assert.deepEqual(found.map((line) => line.split(": received")[0]).sort(), [
      "todo-rotation:cpuUnits",
      "todo-rotation:egress",
      "todo-rotation:instanceCount",
      "todo-rotation:rotationDays",
    ]);
  });
});
