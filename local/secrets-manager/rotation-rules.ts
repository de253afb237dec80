import { invalidParameter } from "./api-error";
import type { Input } from "./input";

/** In RotateSecret's format; at most one of AutomaticallyAfterDays and ScheduleExpression is set. */
export interface RotationRules {
  readonly AutomaticallyAfterDays?: number;
  /** For example "3h". */
  readonly Duration?: string;
  /** rate(N hours), rate(N days) or cron(…), UTC. */
  readonly ScheduleExpression?: string;
}

const maxDays = 999;
const minHours = 4;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Reads and checks rotation rules.
 *
 * @throws ApiError InvalidParameterException; the rules are those of "Schedule expressions in Secrets Manager rotation"
 */
export function readRotationRules(input: Input): RotationRules {
  const days = input.optionalInteger("AutomaticallyAfterDays");
  const expression = input.optionalString("ScheduleExpression");
  const duration = input.optionalString("Duration");
  if (days !== undefined && expression !== undefined) {
    throw invalidParameter("You can't specify both RotationRules.AutomaticallyAfterDays and ScheduleExpression.");
  }
  if (days !== undefined && (days < 1 || days > maxDays)) {
    throw invalidParameter(`RotationRules.AutomaticallyAfterDays must be within 1-${maxDays}.`);
  }
  if (expression !== undefined) checkExpression(expression);
  if (duration !== undefined) checkDuration(duration, expression);
  return {
    ...(days !== undefined && { AutomaticallyAfterDays: days }),
    ...(duration !== undefined && { Duration: duration }),
    ...(expression !== undefined && { ScheduleExpression: expression }),
  };
}

/**
 * The date on or before which the next rotation is due: the end of a day for a schedule in days, of an hour for one in
 * hours. Undefined for cron(…), because nothing here needs it.
 */
export function nextRotationDate(rules: RotationRules, lastRotation: Date): Date | undefined {
  const rate = rateOf(rules);
  if (!rate) return undefined;
  const due = lastRotation.getTime() + rate.hours * hourMs;
  if (rate.unit === "hours") return new Date(due);
  return new Date(Math.floor(due / dayMs) * dayMs + dayMs - 1000);
}

/** The rules as DescribeSecret shows them: AutomaticallyAfterDays is calculated from a rate in days. */
export function describedRules(rules: RotationRules): RotationRules {
  const rate = rateOf(rules);
  return rate?.unit === "days" ? { AutomaticallyAfterDays: rate.hours / 24, ...rules } : rules;
}

function rateOf({ AutomaticallyAfterDays: days, ScheduleExpression: expression }: RotationRules) {
  if (days !== undefined) return { unit: "days", hours: days * 24 } as const;
  const [, count, unit] = /^rate\((\d+) (hour|day)s?\)$/.exec(expression ?? "") ?? [];
  if (count === undefined) return undefined;
  return unit === "day"
    ? ({ unit: "days", hours: Number(count) * 24 } as const)
    : ({ unit: "hours", hours: Number(count) } as const);
}

function checkExpression(expression: string): void {
  const rate = rateOf({ ScheduleExpression: expression });
  if (rate && (rate.hours < minHours || rate.hours > maxDays * 24)) {
    throw invalidParameter(`The rate in RotationRules must be from ${minHours} hours to ${maxDays} days.`);
  }
  if (!rate && !isCron(expression)) {
    throw invalidParameter(
      "RotationRules.ScheduleExpression must be rate(N hours), rate(N days), or cron(0 H D M W *): minutes 0, year *.",
    );
  }
}

/** Minutes and year are fixed: a rotation window opens on the hour, every year. */
function isCron(expression: string): boolean {
  return /^cron\(0( [\dA-Z#*,/?-]+){4} \*\)$/.test(expression);
}

/** A window may extend neither into the next UTC day nor into the next window. */
function checkDuration(duration: string, expression = ""): void {
  const hours = Number(/^([1-9]\d?)h$/.exec(duration)?.[1]);
  const startHour = Number(/^cron\(0 (\d+) /.exec(expression)?.[1] ?? 0);
  const rate = rateOf({ ScheduleExpression: expression });
  const longest = Math.min(24 - startHour, rate?.hours ?? 24);
  if (Number.isNaN(hours) || hours > longest) {
    throw invalidParameter(
      `RotationRules.Duration must be whole hours such as "3h", at most ${longest} here: the window may reach neither into the next day nor into the next window.`,
    );
  }
}
