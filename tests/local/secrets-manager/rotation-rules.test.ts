import assert from "node:assert/strict";
import { Input } from "../../../local/secrets-manager/input";
import { describedRules, nextRotationDate, readRotationRules } from "../../../local/secrets-manager/rotation-rules";

describe("RotationRules", () => {
  const accepted = [
    { AutomaticallyAfterDays: 1 },
    { AutomaticallyAfterDays: 999, Duration: "24h" },
    { ScheduleExpression: "rate(4 hours)", Duration: "4h" },
    { ScheduleExpression: "rate(1 day)", Duration: "24h" },
    { ScheduleExpression: "rate(999 days)" },
    { ScheduleExpression: "cron(0 16 1,15 * ? *)", Duration: "8h" },
    { ScheduleExpression: "cron(0 /6 ? * MON#2 *)" },
  ];
  for (const rules of accepted) {
    it(`accept ${JSON.stringify(rules)}`, () => {
      assert.deepEqual(readRotationRules(new Input(rules)), rules);
    });
  }

  const refused: [why: string, rules: object][] = [
    ["days and an expression at once", { AutomaticallyAfterDays: 1, ScheduleExpression: "rate(1 day)" }],
    ["less than one day", { AutomaticallyAfterDays: 0 }],
    ["more than 999 days", { AutomaticallyAfterDays: 1000 }],
    ["a rate below four hours", { ScheduleExpression: "rate(3 hours)" }],
    ["a rate above 999 days", { ScheduleExpression: "rate(1000 days)" }],
    ["a rate in minutes", { ScheduleExpression: "rate(300 minutes)" }],
    ["cron with other minutes than 0", { ScheduleExpression: "cron(5 16 1 * ? *)" }],
    ["cron with a year", { ScheduleExpression: "cron(0 16 1 * ? 2027)" }],
    ["cron with five fields", { ScheduleExpression: "cron(0 16 1 * *)" }],
    ["a duration that is no whole hours", { AutomaticallyAfterDays: 1, Duration: "90m" }],
    ["a duration of no hours", { AutomaticallyAfterDays: 1, Duration: "0h" }],
    ["a window into the next window", { ScheduleExpression: "rate(4 hours)", Duration: "5h" }],
    ["a window into the next day", { ScheduleExpression: "cron(0 22 * * ? *)", Duration: "3h" }],
    ["a window of more than a day", { AutomaticallyAfterDays: 3, Duration: "25h" }],
  ];
  for (const [why, rules] of refused) {
    it(`refuse ${why}`, () => {
      assert.throws(() => readRotationRules(new Input(rules)), { type: "InvalidParameterException" });
    });
  }

  const lastRotation = new Date("2026-11-22T10:30:00Z");
  const nextDates: [rules: object, next: string | undefined][] = [
    [{ AutomaticallyAfterDays: 30 }, "2026-12-22T23:59:59.000Z"],
    [{ ScheduleExpression: "rate(1 day)" }, "2026-11-23T23:59:59.000Z"],
    [{ ScheduleExpression: "rate(12 hours)" }, "2026-11-22T22:30:00.000Z"],
    [{ ScheduleExpression: "cron(0 16 1 * ? *)" }, undefined],
    [{}, undefined],
  ];
  for (const [rules, next] of nextDates) {
    it(`${JSON.stringify(rules)} make the next rotation due ${next ?? "at no date told here"}`, () => {
      assert.equal(nextRotationDate(rules, lastRotation)?.toISOString(), next);
    });
  }

  it("show a rate in days as AutomaticallyAfterDays too, but not one in hours", () => {
    const inDays = { ScheduleExpression: "rate(10 days)" };
    assert.deepEqual(describedRules(inDays), { AutomaticallyAfterDays: 10, ...inDays });
    const inHours = { ScheduleExpression: "rate(10 hours)" };
    assert.deepEqual(describedRules(inHours), inHours);
  });
});
