import { expandField, longestGapDays, months, weekdays } from "./cron-days";

/** Secrets Manager's rotation rules: exactly one of the first two. */
export interface RotationRules {
  readonly automaticallyAfterDays?: number;
  readonly scheduleExpression?: string;
  /** Whole hours with unit, as in "3h". */
  readonly duration?: string;
}

export interface Schedule {
  readonly rotationRules: RotationRules;
  /** Days since the last rotation after which the next one is overdue. */
  readonly rotationOverdueAfterDays: number;
}

const defaultRotationDays = 30;

/**
 * Turns the keys of a schedule into rules.
 *
 * @param keys rotationDays and rotationWindowHours 0, rotationScheduleExpression "" for "not given"
 * @param refuse called for each key whose value is refused
 */
export function readSchedule(
  keys: {
    readonly rotationDays: number;
    readonly rotationScheduleExpression: string;
    readonly rotationWindowHours: number;
  },
  refuse: (key: keyof typeof keys, accepted: string) => void,
): Schedule {
  const { rotationDays, rotationScheduleExpression: scheduleExpression, rotationWindowHours } = keys;
  const duration = rotationWindowHours > 0 ? { duration: `${rotationWindowHours}h` } : {};
  if (scheduleExpression === "") {
    const automaticallyAfterDays = rotationDays || defaultRotationDays;
    return {
      rotationRules: { automaticallyAfterDays, ...duration },
      rotationOverdueAfterDays: overdueAfterDays(automaticallyAfterDays),
    };
  }
  if (rotationDays > 0) refuse("rotationDays", "0 if rotationScheduleExpression is set: use one of the two");
  let rotationOverdueAfterDays = NaN;
  try {
    const { longestWindowHours, longestIntervalDays } = parseScheduleExpression(scheduleExpression);
    rotationOverdueAfterDays = overdueAfterDays(longestIntervalDays);
    if (rotationWindowHours > longestWindowHours) {
      refuse(
        "rotationWindowHours",
        `at most ${longestWindowHours} with ${scheduleExpression}: the window must end before the next one and before the next UTC day`,
      );
    }
  } catch (error) {
    refuse("rotationScheduleExpression", (error as Error).message);
  }
  return { rotationRules: { scheduleExpression, ...duration }, rotationOverdueAfterDays };
}

/** The limits of Secrets Manager's rotation rules: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html */
const minIntervalHours = 4;
const maxIntervalDays = 999;

/** The limits that follow from a schedule expression. */
interface ScheduleLimits {
  /** Between the two windows that are closest together. */
  readonly shortestIntervalHours: number;
  /** The longest window that runs neither into the next one nor into the next UTC day. */
  readonly longestWindowHours: number;
  /** Between the two consecutive windows that are farthest apart. */
  readonly longestIntervalDays: number;
}

/** One day for the window, which may last a whole day, and one for the gauge, which is read once a day. */
const overdueGraceDays = 2;

/** Days after which a rotation that runs at least every `longestIntervalDays` days is overdue. */
export function overdueAfterDays(longestIntervalDays: number): number {
  return Math.ceil(longestIntervalDays) + overdueGraceDays;
}

/** @throws Error whose message says what is accepted, for a config finding */
export function parseScheduleExpression(expression: string): ScheduleLimits {
  const limits = expression.startsWith("cron(") ? parseCron(expression) : parseRate(expression);
  if (limits.shortestIntervalHours < minIntervalHours) {
    throw new Error(
      `at least ${minIntervalHours} hours between rotations (this is ${limits.shortestIntervalHours}), for example rate(${minIntervalHours} hours)`,
    );
  }
  return limits;
}

function parseRate(expression: string): ScheduleLimits {
  const [, digits, unit] = /^rate\(([1-9]\d{0,4}) (hours?|days?)\)$/.exec(expression) ?? [];
  const count = Number(digits);
  const interval = unit?.startsWith("hour") ? count : count * 24;
  if (unit === undefined || interval > maxIntervalDays * 24 || (count === 1) === unit.endsWith("s")) {
    throw new Error(
      `rate(… hours), rate(… days) up to ${maxIntervalDays} days, or cron(0 hours day-of-month month day-of-week *); ` +
        "Secrets Manager does not accept minutes",
    );
  }
  return {
    shortestIntervalHours: interval,
    longestWindowHours: Math.min(interval, 24),
    longestIntervalDays: interval / 24,
  };
}

const cronFields = new RegExp(
  `^cron\\(0 (?<hours>[\\d,*/-]+) (?<dayOfMonth>[\\dLW,*?/-]+) (?<month>(?:${months.join("|")}|[\\d,*/-])+) (?<dayOfWeek>(?:${weekdays.join("|")}|[\\dL#,*?/-])+) \\*\\)$`,
);

function parseCron(expression: string): ScheduleLimits {
  const { hours = "", dayOfMonth = "", month = "", dayOfWeek = "" } = cronFields.exec(expression)?.groups ?? {};
  const startHours = expandField(hours, 0, 23);
  const isOneDayField = (dayOfMonth === "?") !== (dayOfWeek === "?");
  const longestIntervalDays = isOneDayField ? longestGapDays(dayOfMonth, month, dayOfWeek) : undefined;
  if (startHours.length === 0 || longestIntervalDays === undefined) {
    throw new Error(
      "cron(0 hours day-of-month month day-of-week *): minutes are 0, hours 0 to 23, " +
        "one of the two day fields is ?, the other names days that exist, the year is *; for example cron(0 3 ? * SUN *)",
    );
  }
  // Days that are never consecutive have no gap across midnight to check.
  const isSingleDay = /^(\d+|[A-Z]{3}|L|\d+L|[A-Z\d]+#\d)$/.test(dayOfMonth === "?" ? dayOfWeek : dayOfMonth);
  const nextStarts = [...startHours.slice(1), isSingleDay ? Infinity : (startHours[0] ?? 0) + 24];
  const gaps = startHours.map((start, i) => (nextStarts[i] ?? Infinity) - start);
  const windows = startHours.map((start, i) => Math.min(gaps[i] ?? Infinity, 24 - start));
  return { shortestIntervalHours: Math.min(...gaps), longestWindowHours: Math.min(...windows), longestIntervalDays };
}
