import { overdueAfterDays, parseScheduleExpression } from "./rotation-schedule";

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
  if (rotationDays > 0) refuse("rotationDays", "0 together with rotationScheduleExpression: one of the two");
  let rotationOverdueAfterDays = NaN;
  try {
    const { longestWindowHours, longestIntervalDays } = parseScheduleExpression(scheduleExpression);
    rotationOverdueAfterDays = overdueAfterDays(longestIntervalDays);
    if (rotationWindowHours > longestWindowHours) {
      refuse(
        "rotationWindowHours",
        `at most ${longestWindowHours} with ${scheduleExpression}: not into the next window, not into the next UTC day`,
      );
    }
  } catch (error) {
    refuse("rotationScheduleExpression", (error as Error).message);
  }
  return { rotationRules: { scheduleExpression, ...duration }, rotationOverdueAfterDays };
}
