/** The limits of Secrets Manager's rotation rules: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html */
const minIntervalHours = 4;
const maxIntervalDays = 999;

/** What a schedule expression comes to, in hours. */
export interface ScheduleLimits {
  /** Between the two windows that lie closest together. */
  readonly shortestIntervalHours: number;
  /** The longest window that runs neither into the next one nor into the next UTC day. */
  readonly longestWindowHours: number;
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
        "Secrets Manager knows no minutes",
    );
  }
  return { shortestIntervalHours: interval, longestWindowHours: Math.min(interval, 24) };
}

const months = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
const days = "SUN|MON|TUE|WED|THU|FRI|SAT";
const cronFields = new RegExp(
  `^cron\\(0 (?<hours>[\\d,*/-]+) (?<dayOfMonth>[\\dLW,*?/-]+) (?:${months}|[\\d,*/-])+ (?<dayOfWeek>(?:${days}|[\\dL#,*?/-])+) \\*\\)$`,
);

function parseCron(expression: string): ScheduleLimits {
  const { hours = "", dayOfMonth = "", dayOfWeek = "" } = cronFields.exec(expression)?.groups ?? {};
  const startHours = parseHours(hours);
  if (startHours.length === 0 || (dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new Error(
      "cron(0 hours day-of-month month day-of-week *): minutes are 0, hours 0 to 23, " +
        "one of the two day fields is ?, the year is *; for example cron(0 3 ? * SUN *)",
    );
  }
  // Days that never follow one another leave no gap across midnight to look at.
  const isSingleDay = /^(\d+|[A-Z]{3}|L|\d+L|[A-Z\d]+#\d)$/.test(dayOfMonth === "?" ? dayOfWeek : dayOfMonth);
  const nextStarts = [...startHours.slice(1), isSingleDay ? Infinity : (startHours[0] ?? 0) + 24];
  const gaps = startHours.map((start, i) => (nextStarts[i] ?? Infinity) - start);
  const windows = startHours.map((start, i) => Math.min(gaps[i] ?? Infinity, 24 - start));
  return { shortestIntervalHours: Math.min(...gaps), longestWindowHours: Math.min(...windows) };
}

/** The hours of the day that a cron field names, ascending; empty when it is malformed. */
function parseHours(field: string): number[] {
  const hours = new Set<number>();
  for (const item of field.split(",")) {
    const [, from, to, step] = /^(\*|\d{1,2}|(?=\/))(?:-(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(item) ?? [];
    const first = from === "*" || from === "" ? 0 : Number(from);
    const last = to !== undefined ? Number(to) : from === "*" || step !== undefined ? 23 : first;
    if (!(first <= last && last <= 23) || step === "0") return [];
    for (let hour = first; hour <= last; hour += Number(step ?? 1)) hours.add(hour);
  }
  return [...hours].sort((a, b) => a - b);
}
