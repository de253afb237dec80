import assert from "node:assert/strict";
import { overdueAfterDays, parseScheduleExpression } from "../../config/rotation-schedule";

describe("parseScheduleExpression", () => {
  for (const [expression, ...limits] of [
    ["rate(4 hours)", 4, 4, 4 / 24],
    ["rate(36 hours)", 36, 24, 1.5],
    ["rate(1 day)", 24, 24, 1],
    ["rate(999 days)", 23_976, 24, 999],
    ["cron(0 10 * * ? *)", 24, 14, 1],
    ["cron(0 /8 * * ? *)", 8, 8, 1],
    ["cron(0 8/8 * * ? *)", 8, 8, 1],
    ["cron(0 0-20/4 * * ? *)", 4, 4, 1],
    ["cron(0 22 ? * SUN *)", Infinity, 2, 7],
    ["cron(0 1,23 ? * SUN *)", 22, 1, 7],
    ["cron(0 18 ? 1/3 SUN#1 *)", Infinity, 6, 98],
    ["cron(0 8 1,15 * ? *)", 24, 16, 17],
    ["cron(0 17 L * ? *)", Infinity, 7, 31],
    ["cron(0 16 ? JAN,JUL MON-FRI *)", 24, 8, 157],
  ] as const) {
    it(`reads ${expression}`, () => {
      const { shortestIntervalHours, longestWindowHours, longestIntervalDays } = parseScheduleExpression(expression);
      assert.deepEqual([shortestIntervalHours, longestWindowHours, longestIntervalDays], limits);
    });
  }

  for (const expression of [
    "rate(3 hours)",
    "cron(0 * * * ? *)",
    "cron(0 0/3 * * ? *)",
    "cron(0 1,23 * * ? *)",
    "cron(0 1,23 ? * MON-FRI *)",
  ]) {
    it(`refuses ${expression}: less than 4 hours apart`, () => {
      assert.throws(
        () => parseScheduleExpression(expression),
        /^Error: at least 4 hours between rotations \(this is \d\)/,
      );
    });
  }

  for (const expression of [
    "rate(240 minutes)",
    "rate(1 days)",
    "rate(5 hour)",
    "rate(1000 days)",
    "rate(0 days)",
    "every week",
    "cron(15 3 * * ? *)",
    "cron(0 24 * * ? *)",
    "cron(0 3 * * * *)",
    "cron(0 3 ? * ? *)",
    "cron(0 3 * * ? 2027)",
    "cron(0 3 * *)",
  ]) {
    it(`refuses ${expression}: Secrets Manager would`, () => {
      assert.throws(() => parseScheduleExpression(expression), /^Error: (rate|cron)\(.*\)/);
    });
  }

  it("refuses days that never come", () => {
    assert.throws(() => parseScheduleExpression("cron(0 3 31 2 ? *)"), /the other names days that exist/);
  });
});

describe("overdueAfterDays", () => {
  it("allows two days more than the schedule, in whole days", () => {
    assert.deepEqual([30, 7, 1.5, 4 / 24].map(overdueAfterDays), [32, 9, 4, 3]);
  });
});
