import assert from "node:assert/strict";
import type { ProgramRun } from "../engine/program";
import { parseDatabaseSecrets } from "../contract/database-secrets";
import { runbookSections } from "../contract/runbook";
import { secretNameOf } from "../rotation-fn/metrics";
import { dashboardMetrics, findUnpublished, type WatchedMetric } from "./support/published-metrics";
import { runStack, runWide } from "./support/whole-program";

type Inputs = Readonly<Record<string, unknown>>;

const topic = "arn:aws:sns:us-east-1:123456789012:alarms";
const pager = "arn:aws:sns:us-east-1:123456789012:pager";
const opsItem = "arn:aws:ssm:us-east-1:123456789012:opsitem:2#CATEGORY=Security";

/** Two additional users, and further actions. */
const runSeveral = () =>
  runStack("dev", {
    additionalUsers: '[{"name":"report","access":"read-only","rotationDays":7},{"name":"batch_1","access":"owner"}]',
    alarmActionArns: `${pager}, ${opsItem}`,
  });

const inputsIn = ({ resources }: ProgramRun, type: string): Inputs[] =>
  resources.filter((one) => one.type === type).map(({ inputs }) => inputs);
const alarmsIn = (run: ProgramRun) => inputsIn(run, "aws:cloudwatch/metricAlarm:MetricAlarm");
const watchedBy = ({ namespace, metricName, dimensions }: Inputs): WatchedMetric => ({
  namespace: String(namespace),
  metricName: String(metricName),
  dimensions: dimensions as Readonly<Record<string, string>>,
});

for (const [variant, runVariant, actions] of [
  ["dev", () => runStack("dev"), [topic]],
  ["prod", () => runStack("prod"), [topic]],
  ["dev with an injected credential", runWide, [topic]],
  ["dev with several users and further actions", runSeveral, [topic, pager, opsItem]],
] as const) {
  describe(`the alarms of ${variant}`, () => {
    let run: ProgramRun;
    let alarms: readonly Inputs[];

    before(async () => {
      run = await runVariant();
      alarms = alarmsIn(run);
    });

    it("watch metrics that are published, with the dimensions that they are published with, each with a value", () => {
      assert(alarms.length >= 15, `${alarms.length} alarms`);
      assert.deepEqual(
        alarms.map((alarm) => findUnpublished(watchedBy(alarm))).filter((finding) => finding !== undefined),
        [],
      );
      const values = alarms.flatMap((alarm) => Object.values(watchedBy(alarm).dimensions));
      for (const value of values) assert.match(value, /^[\w:/.-]+$/);
    });

    it("watch this stack's own secret, functions and rules", () => {
      const names = (type: string) => run.resources.filter((one) => one.type === type).map(({ name }) => name);
      const secretNames = inputsIn(run, "aws:lambda/function:Function").flatMap(({ environment }) => {
        const { variables } = environment as { variables: { DATABASE_SECRETS: string } };
        return parseDatabaseSecrets(variables.DATABASE_SECRETS)?.map(({ secretArn }) => secretNameOf(secretArn)) ?? [];
      });
      const known: Readonly<Record<string, readonly string[]>> = {
        FunctionName: names("aws:lambda/function:Function"),
        RuleName: names("aws:cloudwatch/eventRule:EventRule"),
        SecretName: secretNames,
        DBClusterIdentifier: names("aws:rds/cluster:Cluster"),
      };
      const dimensions = alarms.flatMap((alarm) => Object.entries(watchedBy(alarm).dimensions));
      const checked = dimensions.filter(([key]) => key in known);
      assert(checked.length >= 10);
      assert.deepEqual(
        checked.filter(([key, value]) => !known[key]?.includes(value)),
        [],
      );
    });

    it("are named after the stack, say what happened and link to the runbook", () => {
      const [stack = ""] = variant.split(" ");
      for (const { name, alarmDescription } of alarms) {
        assert.match(String(name), new RegExp(`^todo-rotation-${stack}-[a-z][a-z0-9_]*-[a-z0-9-]+$`));
        const [, section] = /^\S.{25,}\. What to do: docs\/runbook\.md#(\S+)$/.exec(String(alarmDescription)) ?? [];
        assert(
          runbookSections.some((known) => known === section),
          `${String(name)}: ${String(alarmDescription)}`,
        );
      }
    });

    it("notify the topic, do what else is configured, and say what silence means", () => {
      for (const { name, alarmActions, treatMissingData } of alarms) {
        assert.deepEqual(alarmActions, actions, String(name));
        assert.match(String(treatMissingData), /^(notBreaching|breaching)$/, String(name));
      }
    });

    it("share their metrics' names with a dashboard that shows nothing else", () => {
      const [dashboard] = inputsIn(run, "aws:cloudwatch/dashboard:Dashboard");
      const metrics = dashboardMetrics(String(dashboard?.dashboardBody));
      assert(metrics.length >= 15, `${metrics.length} metrics`);
      assert.deepEqual(
        metrics.map(findUnpublished).filter((finding) => finding !== undefined),
        [],
      );
    });
  });
}

describe("the alarms of additional users", () => {
  it("are those of the service's own secret, each named after its user, with its own threshold", async () => {
    const alarms = alarmsIn(await runSeveral());
    const named = (prefix: string) => {
      const start = `todo-rotation-dev-${prefix}`;
      const names = alarms.map(({ name }) => String(name)).filter((name) => name.startsWith(start));
      return names.map((name) => name.slice(start.length)).sort();
    };
    const ofOne = ["pending-version-stuck", "rotation-failed", "rotation-failed-undelivered", "rotation-is-off"];
    assert.deepEqual(named("report-"), [...ofOne, "rotation-overdue"]);
    assert.deepEqual(named("batch_1-"), named("report-"));
    assert.deepEqual(
      named("").filter((name) => ofOne.includes(name)),
      ofOne,
    );
    const overdue = alarms.filter(({ name }) => String(name).endsWith("rotation-overdue"));
    assert.deepEqual(
      overdue
        .map(({ dimensions, threshold }) => `${(dimensions as { SecretName: string }).SecretName} ${String(threshold)}`)
        .sort(),
      ["batch_1 32", "report 9", "todo 32"].map((expected) => `todo-rotation/dev/database/${expected}`),
    );
  });

  it("notice their own secret's failed rotation", async () => {
    const rules = inputsIn(await runSeveral(), "aws:cloudwatch/eventRule:EventRule");
    const patterns = rules.flatMap(({ eventPattern }) => (typeof eventPattern === "string" ? [eventPattern] : []));
    const secrets = patterns
      .filter((text) => text.includes("RotationFailed"))
      .map((text) => JSON.parse(text) as Pattern);
    const names = secrets.map(({ detail }) => secretNameOf(detail.additionalEventData.SecretId[0] ?? ""));
    assert.deepEqual(
      names.sort(),
      ["batch_1", "report", "todo"].map((user) => `todo-rotation/dev/database/${user}`),
    );
  });
});

interface Pattern {
  readonly detail: { readonly additionalEventData: { readonly SecretId: readonly string[] } };
}

describe("the check of what is published", () => {
  const SecretName = "todo-rotation/dev/database/todo";

  for (const [says, metric, finding] of [
    [
      "the metric that is usually recommended, and that does not exist",
      { namespace: "AWS/SecretsManager", metricName: "RotationFailure", dimensions: { SecretName } },
      /nobody publishes it/,
    ],
    [
      "a metric under another name",
      { namespace: "TodoRotation", metricName: "DaysSinceRotation", dimensions: { SecretName } },
      /nobody publishes it/,
    ],
    [
      "a dimension too few",
      { namespace: "TodoRotation", metricName: "StepDuration", dimensions: { SecretName } },
      /dimensions SecretName, published with SecretName, Step/,
    ],
    [
      "a dimension that is called otherwise",
      { namespace: "AWS/Lambda", metricName: "Errors", dimensions: { Function: "rotate" } },
      /dimensions Function, published with FunctionName/,
    ],
  ] as const) {
    it(`refuses ${says}`, () => {
      assert.match(findUnpublished(metric) ?? "", finding);
    });
  }
});
