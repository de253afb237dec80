import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { matchesPattern, type Json } from "./support/event-pattern";
import { root, runStack, runWide } from "./support/whole-program";

type Event = Readonly<Record<string, Json>> & { readonly detail: Readonly<Record<string, Json>> };

const folder = join(root, "tests/fixtures/events");
const eventNames = readdirSync(folder).map((file) => file.replace(".json", ""));
const readEvent = (name: string): Event => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Event;

/** Of the variant that has every rule. */
async function inputsOf(type: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  const { resources } = await runWide();
  const [resource] = resources.filter((one) => one.type === `aws:cloudwatch/${type}` && one.name === name);
  assert(resource);
  return resource.inputs;
}

async function matches(rule: string, event: Event): Promise<boolean> {
  const { eventPattern } = await inputsOf("eventRule:EventRule", rule);
  return matchesPattern(JSON.parse(String(eventPattern)) as Readonly<Record<string, Json>>, event);
}

async function matched(rule: string): Promise<string[]> {
  const names = [];
  for (const name of eventNames) if (await matches(rule, readEvent(name))) names.push(name);
  return names;
}

const otherSecret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-rotation/prod/database/todo-AbCdEf";

describe("the rule for failed rotations", () => {
  it("matches the three failures and no other event", async () => {
    assert.deepEqual(await matched("rotation-failed"), [
      "rotation-abandoned",
      "rotation-failed",
      "test-rotation-failed",
    ]);
    assert(eventNames.length >= 7);
  });

  for (const name of ["rotation-abandoned", "rotation-failed", "test-rotation-failed"]) {
    it(`ignores ${name} of another secret`, async () => {
      const event = readEvent(name);
      const detail = { ...event.detail, additionalEventData: { SecretId: otherSecret } };
      assert.equal(await matches("rotation-failed", { ...event, detail }), false);
    });
  }

  it("does not match another service's event", async () => {
    const event = readEvent("rotation-failed");
    assert.equal(await matches("rotation-failed", { ...event, source: "com.example" }), false);
    const detail = { ...event.detail, eventSource: "kms.amazonaws.com" };
    assert.equal(await matches("rotation-failed", { ...event, detail }), false);
  });

  it("says what happened, to which secret, why, and what to do", async () => {
    assert.equal(
      await messageFor("rotation-failed"),
      [
        "RotationFailed: arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-rotation/dev/database/todo-AbCdEf",
        "at 2026-11-22T03:04:05Z",
        'Secrets Manager says: Secrets Manager was not able to rotate the secret: the function "credential-rotation" answered with an error.',
        "What to do: docs/runbook.md#rotation-failed",
      ].join("\n"),
    );
  });

  it("still has a message for an event without a reason", async () => {
    assert.match(await messageFor("rotation-abandoned"), /^RotationAbandoned: arn:.*\nSecrets Manager says: \n/s);
  });

  /** What the topic gets: the target's template, filled from the event as by EventBridge. */
  async function messageFor(name: string): Promise<string> {
    const { inputTransformer } = await inputsOf("eventTarget:EventTarget", "rotation-failed");
    const { inputPaths, inputTemplate } = inputTransformer as {
      inputPaths: Record<string, string>;
      inputTemplate: string;
    };
    const event = readEvent(name);
    const valueAt = (path: string): Json =>
      path
        .replace("$.", "")
        .split(".")
        .reduce<Json>((value, key) => (value as Readonly<Record<string, Json>>)[key] ?? "", event);
    const fill = (text: string): string =>
      text.replace(/<(\w+)>/g, (_match, key: string) => {
        const path = inputPaths[key];
        assert(path, `<${key}> is not among the input paths`);
        const value = valueAt(path);
        assert(typeof value === "string", path);
        return value;
      });
    const lines = inputTemplate.split("\n").map((line) => JSON.parse(line) as string);
    return lines.map(fill).join("\n");
  }
});

describe("the rule for a changed credential", () => {
  it("matches a new current version and no other event", async () => {
    assert.deepEqual(await matched("redeploy-on-rotation"), ["secret-label-updated"]);
  });

  for (const label of ["AWSPREVIOUS", "AWSPENDING", "MyLabel"]) {
    it(`ignores ${label}`, async () => {
      const event = readEvent("secret-label-updated");
      const detail = { ...event.detail, labelUpdated: label };
      assert.equal(await matches("redeploy-on-rotation", { ...event, detail }), false);
    });
  }

  it("ignores another secret's current version", async () => {
    const event = readEvent("secret-label-updated");
    assert.equal(await matches("redeploy-on-rotation", { ...event, resources: [otherSecret] }), false);
  });

  it("does not exist if the service reads the credential itself", async () => {
    const { resources } = await runStack("dev");
    assert(resources.every(({ name, type }) => name !== "redeploy-on-rotation" && !type.startsWith("aws:sfn/")));
  });
});

describe("an event that does not reach its target", () => {
  it("is kept, and reported by an alarm, for every rule", async () => {
    const { resources } = await runWide();
    const inputsOfType = (type: string) => resources.filter((one) => one.type === type).map(({ inputs }) => inputs);
    const [queue] = resources.filter(({ type }) => type === "aws:sqs/queue:Queue");
    const rules = resources.filter(({ type }) => type === "aws:cloudwatch/eventRule:EventRule").map(({ name }) => name);
    const targets = inputsOfType("aws:cloudwatch/eventTarget:EventTarget");
    const alarms = inputsOfType("aws:cloudwatch/metricAlarm:MetricAlarm").filter(
      ({ metricName }) => metricName === "FailedInvocations",
    );
    assert.equal(rules.length, 3);
    for (const rule of rules) {
      const ownTargets = targets.filter((target) => target.rule === rule);
      const queues = ownTargets.map(({ deadLetterConfig }) => (deadLetterConfig as { arn: string } | undefined)?.arn);
      assert.deepEqual(queues, [`arn:aws:sqs:us-east-1:123456789012:${queue?.name ?? ""}`], rule);
      const watching = alarms.filter(({ dimensions }) => (dimensions as { RuleName: string }).RuleName === rule);
      assert.equal(watching.length, 1, rule);
    }
  });
});
