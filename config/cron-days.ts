export const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
export const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const dayMs = 24 * 60 * 60 * 1000;
/** After this many years, every date has fallen on every day of the week and the order repeats. */
const cycleYears = 28;

/** The numbers that a cron field names, ascending; empty when it is malformed. */
export function expandField(field: string, min: number, max: number): number[] {
  const numbers = new Set<number>();
  for (const item of field.split(",")) {
    const [, from, to, step] = /^(\*|\d{1,2}|(?=\/))(?:-(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(item) ?? [];
    const first = from === "*" || from === "" ? min : Number(from);
    const last = to !== undefined ? Number(to) : from === "*" || step !== undefined ? max : first;
    if (!(min <= first && first <= last && last <= max) || step === "0") return [];
    for (let number = first; number <= last; number += Number(step ?? 1)) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/**
 * The longest time between two days that the fields of AWS's cron() name, found by walking through the calendar.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
 *
 * @returns whole days; undefined for fields that never name a day, like 31 of FEB
 */
export function longestGapDays(dayOfMonth: string, month: string, dayOfWeek: string): number | undefined {
  const monthNumbers = expandField(numbered(month, months), 1, 12);
  const isDayOfMonth = dayOfMonthMatcher(dayOfMonth);
  const isDayOfWeek = dayOfWeekMatcher(numbered(dayOfWeek, weekdays));
  let longest: number | undefined;
  let previous: number | undefined;
  for (let time = Date.UTC(2000, 0, 1); time < Date.UTC(2000 + cycleYears, 0, 1); time += dayMs) {
    const day = toDay(new Date(time));
    if (!monthNumbers.includes(day.month) || !isDayOfMonth(day) || !isDayOfWeek(day)) continue;
    if (previous !== undefined) longest = Math.max(longest ?? 0, (time - previous) / dayMs);
    previous = time;
  }
  return longest;
}

interface Day {
  readonly month: number;
  readonly day: number;
  readonly lastDayOfMonth: number;
  /** 1 is Sunday. */
  readonly weekday: number;
}

function toDay(date: Date): Day {
  return {
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    lastDayOfMonth: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
    weekday: date.getUTCDay() + 1,
  };
}

/** The field with 1, 2, … instead of names. */
function numbered(field: string, names: readonly string[]): string {
  return names.reduce((text, name, i) => text.replaceAll(name, String(i + 1)), field);
}

function dayOfMonthMatcher(field: string): (day: Day) => boolean {
  if (field === "?") return () => true;
  if (field === "L") return ({ day, lastDayOfMonth }) => day === lastDayOfMonth;
  if (field === "LW") return (day) => isNearestWeekday(day, day.lastDayOfMonth);
  const [, target] = /^(\d{1,2})W$/.exec(field) ?? [];
  if (target !== undefined) return (day) => isNearestWeekday(day, Number(target));
  const days = expandField(field, 1, 31);
  return ({ day }) => days.includes(day);
}

/** Whether this is the weekday (Monday to Friday, in the same month) that is nearest to the day `target`. */
function isNearestWeekday({ day, weekday, lastDayOfMonth }: Day, target: number): boolean {
  if (target > lastDayOfMonth || weekday === 1 || weekday === 7) return false;
  const isFriday = weekday === 6;
  const isMonday = weekday === 2;
  if (day === target) return true;
  if (isFriday && day + 1 === target) return true; // target is a Saturday
  if (isMonday && day - 1 === target) return true; // target is a Sunday
  if (isMonday && target === 1 && day === 3) return true; // a Saturday without a Friday before it in the month
  return isFriday && target === lastDayOfMonth && day + 2 === target; // a Sunday without a Monday after it
}

function dayOfWeekMatcher(field: string): (day: Day) => boolean {
  if (field === "?") return () => true;
  if (field === "L") return ({ weekday }) => weekday === 7;
  const [, last] = /^([1-7])L$/.exec(field) ?? [];
  if (last !== undefined)
    return ({ weekday, day, lastDayOfMonth }) => weekday === Number(last) && day + 7 > lastDayOfMonth;
  const [, nth, count] = /^([1-7])#([1-5])$/.exec(field) ?? [];
  if (nth !== undefined) return ({ weekday, day }) => weekday === Number(nth) && Math.ceil(day / 7) === Number(count);
  const numbers = expandField(field, 1, 7);
  return ({ weekday }) => numbers.includes(weekday);
}
