import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Alarms, type AlarmsArgs } from "../../../components/observability";
import { CredentialRotation } from "../../../components/rotation";
import { rotationArgs } from "../../support/function-args";
import { register, type Registered } from "../../support/mocks";

const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";

function build(overrides: Partial<AlarmsArgs> = {}): Promise<Registered<pulumi.Output<string>>> {
  return register(() => {
    const rotation = new CredentialRotation("credential-rotation", rotationArgs);
    const args: AlarmsArgs = {
      ...rotationArgs,
      alarmEmail: undefined,
      alarmActionArns: [],
      trailName: undefined,
      deletionProtection: false,
      database: { clusterIdentifier: "database", capacity: { minCapacityAcu: 2, maxCapacityAcu: 16 } },
      rotation,
      service: {
        loadBalancerArnSuffix: pulumi.output("app/todo/1"),
        targetGroupArnSuffix: pulumi.output("targetgroup/todo/1"),
      },
      ...overrides,
    };
    return new Alarms("alarms", args).topicArn;
  });
}

const signs: Readonly<Record<string, string>> = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: ">=",
  LessThanThreshold: "<",
};

/** An alarm in one line, for example "Sum >= 1 in 1 of 300 s, else notBreaching". */
function condition(inputs: Readonly<Record<string, unknown>>): string {
  const { statistic, comparisonOperator, threshold, evaluationPeriods, period, treatMissingData } = inputs;
  const sign = signs[String(comparisonOperator)];
  return [statistic, sign, threshold, "in", evaluationPeriods, "of", period, "s, silence is", treatMissingData].join(
    " ",
  );
}

describe("Alarms", () => {
  it("fire under these conditions", async () => {
    const { all } = await build();
    const alarms = all.filter(({ type }) => type === alarmType);
    assert.deepEqual(Object.fromEntries(alarms.map(({ name, inputs }) => [name, condition(inputs)])), {
      "rotation-failed": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "rotation-failed-undelivered": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "age-gauge-undelivered": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "rotation-function-errors": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "rotation-function-throttles": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "rotation-function-duration": "Maximum > 96000 in 1 of 300 s, silence is notBreaching",
      "rotation-overdue": "Maximum > 32 in 2 of 86400 s, silence is breaching",
      "rotation-is-off": "Minimum < 1 in 2 of 86400 s, silence is notBreaching",
      "pending-version-stuck": "Maximum >= 1 in 1 of 86400 s, silence is notBreaching",
      "age-gauge-failing": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "service-5xx": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "load-balancer-5xx": "Sum >= 1 in 1 of 300 s, silence is notBreaching",
      "unhealthy-targets": "Maximum >= 1 in 3 of 60 s, silence is notBreaching",
      "no-running-task": "Maximum < 1 in 3 of 60 s, silence is breaching",
      "database-capacity": "Minimum >= 100 in 3 of 300 s, silence is notBreaching",
      "database-connections": "Maximum > 2419 in 3 of 300 s, silence is notBreaching",
      "database-local-storage": "Minimum < 1073741824 in 3 of 300 s, silence is notBreaching",
    });
  });

  it("stay within CloudWatch's limit of seven days, or one for periods below an hour", async () => {
    const { all } = await build();
    for (const { name, inputs } of all.filter(({ type }) => type === alarmType)) {
      const period = Number(inputs.period);
      assert(period * Number(inputs.evaluationPeriods) <= (period < 3600 ? 1 : 7) * 86_400, name);
    }
  });

  for (const [minCapacityAcu, maxCapacityAcu, threshold] of [
    [2, 1, 151],
    [0, 64, 1600],
    [0.5, 64, 1600],
    [1, 64, 4000],
  ] as const) {
    it(`allow ${threshold} connections with ${minCapacityAcu} to ${maxCapacityAcu} ACU`, async () => {
      const capacity = { minCapacityAcu, maxCapacityAcu };
      const { inputsOf } = await build({ database: { clusterIdentifier: "database", capacity } });
      assert.equal(inputsOf(alarmType, "database-connections").threshold, threshold);
    });
  }

  it("leave the capacity of another program's database, and its service, to that program", async () => {
    const { all, inputsOf } = await build({
      database: { clusterIdentifier: "database", capacity: undefined },
      service: undefined,
    });
    const names = all.filter(({ type }) => type === alarmType).map(({ name }) => name);
    assert(names.includes("rotation-failed") && names.length > 8, names.join());
    assert.deepEqual(
      names.filter((name) => /^(database|service)/.test(name)),
      [],
    );
    const dashboard = String(inputsOf("aws:cloudwatch/dashboard:Dashboard").dashboardBody);
    assert.match(dashboard, /Days since the last rotation.*Database connections/);
    assert.doesNotMatch(dashboard, /ApplicationELB|ServerlessDatabaseCapacity/);
  });

  it("create a trail, or use the name of an existing one", async () => {
    const own = await build();
    assert.equal(own.inputsOf("aws:cloudtrail/trail:Trail").name, "todo-rotation-test");
    const existing = await build({ trailName: "account-trail" });
    assert.equal(existing.count("aws:cloudtrail/trail:Trail"), 0);
    assert.match(
      String(existing.inputsOf(alarmType, "rotation-failed").alarmDescription),
      /as CloudTrail's trail account-trail recorded\./,
    );
  });
});
