import fc from "fast-check";
import type { RotationStrategy } from "../../local/stack";

const ms = (min: number, max: number) => fc.integer({ min, max });

/** What happens to a part of the system, including how long or how often. */
const anyFault = fc.oneof(
  fc.record({ kind: fc.constant("Secrets Manager throttles" as const), times: ms(1, 8) }),
  fc.record({ kind: fc.constant("Secrets Manager answers 500" as const), times: ms(1, 8) }),
  fc.record({ kind: fc.constant("Secrets Manager is slow" as const), times: ms(1, 10), delayMs: ms(50, 1_500) }),
  fc.record({ kind: fc.constant("Secrets Manager is down" as const), forMs: ms(300, 4_000) }),
  fc.record({ kind: fc.constant("PostgreSQL restarts" as const) }),
  fc.record({ kind: fc.constant("PostgreSQL's sessions are killed" as const) }),
  fc.record({ kind: fc.constant("PostgreSQL has no connection left" as const), forMs: ms(300, 2_000) }),
  fc.record({ kind: fc.constant("the wire resets connections" as const), forMs: ms(50, 800) }),
  fc.record({ kind: fc.constant("the wire is slow" as const), forMs: ms(500, 3_000), delayMs: ms(5, 100) }),
  fc.record({ kind: fc.constant("the wire is silent" as const), forMs: ms(300, 2_000) }),
  fc.record({ kind: fc.constant("the function is killed" as const) }),
);

export type SoakFault = typeof anyFault extends fc.Arbitrary<infer Fault> ? Fault : never;
export type FaultKind = SoakFault["kind"];

/** These end sessions during a request: such a request may fail, if it cannot be repeated or was cut three times. */
export const cuttingFaults: readonly FaultKind[] = [
  "PostgreSQL restarts",
  "PostgreSQL's sessions are killed",
  "the wire resets connections",
  "the wire is slow",
  "the wire is silent",
];

interface ScheduledFault {
  /** Since the start of the load. */
  readonly atMs: number;
  readonly fault: SoakFault;
}

const anyPauseMs = ms(500, 4_000);
/** Of ten faults, six hit a rotation: this long after its start. */
const anyDelayMs = fc.oneof({ arbitrary: ms(0, 500), weight: 6 }, { arbitrary: fc.constant(undefined), weight: 4 });

/** Faults one after the other, with pauses between them; the same seed gives the same faults. */
export function scheduleFaults(
  seed: number,
  durationMs: number,
  rotationsAtMs: readonly number[],
): readonly ScheduledFault[] {
  const numRuns = Math.ceil(durationMs / 500);
  const drawn = fc.sample(fc.noBias(fc.tuple(anyPauseMs, anyDelayMs, anyFault)), { seed, numRuns });
  const faults: ScheduledFault[] = [];
  let freeFromMs = 0;
  for (const [pauseMs, delayMs, fault] of drawn) {
    const soonestMs = freeFromMs + pauseMs;
    const rotationMs = rotationsAtMs.find((at) => at >= soonestMs);
    const atMs = delayMs === undefined || rotationMs === undefined ? soonestMs : rotationMs + delayMs;
    if (atMs >= durationMs) break;
    faults.push({ atMs, fault });
    freeFromMs = atMs + ("forMs" in fault ? fault.forMs : 0);
  }
  return faults;
}

/** The two secrets take turns. */
export function scheduleRotations(rotationsPerMinute: number, durationMs: number): Record<RotationStrategy, number[]> {
  const everyMs = 60_000 / rotationsPerMinute;
  const all = Array.from({ length: Math.floor(durationMs / everyMs) }, (_item, index) => index * everyMs);
  return {
    "single-user": all.filter((_at, index) => index % 2 === 0),
    "alternating-users": all.filter((_at, index) => index % 2 === 1),
  };
}
