import assert from "node:assert/strict";
import { type ExternalCall, ExternalCalls } from "./external-calls";

/** The faults that may affect one call. */
export const faults = {
  "a crash before": ({ crash }: ExternalCall) => Promise.resolve(crash()),
  "a crash after": async ({ run, crash }: ExternalCall) => {
    await run();
    return crash();
  },
  "a lost answer of": async ({ run, loseAnswer }: ExternalCall) => {
    await run();
    return loseAnswer();
  },
} as const;

type FaultName = keyof typeof faults;

interface Point {
  readonly number: number;
  readonly fault: FaultName;
}

/** Applies the fault to one call, and counts that it did. */
export function callsWithFault({ number, fault }: Point): ExternalCalls {
  return new ExternalCalls((call) => (call.number === number ? faults[fault](call) : call.run()));
}

/**
 * Runs the work with every fault at every call, one at a time.
 *
 * @param names the calls of a run without a fault
 * @returns how many runs there were
 * @throws AssertionError that names every run that failed
 */
export async function sweep(names: readonly string[], work: (point: Point) => Promise<void>): Promise<number> {
  const points = names.flatMap((_name, index) =>
    (Object.keys(faults) as FaultName[]).map((fault) => ({ number: index + 1, fault })),
  );
  const nameOf = ({ fault, number }: Point) => `${fault} call ${number}, ${names[number - 1] ?? ""}`;
  await forEachAtOnce(points, nameOf, work);
  return points.length;
}

/**
 * Runs the work for each item.
 *
 * @param atOnce enough to keep the machine's cores and its database server busy; more for work that waits
 * @throws AssertionError that names every item that failed, with its error
 */
export async function forEachAtOnce<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  work: (item: T) => Promise<void>,
  atOnce = 4,
): Promise<void> {
  const waiting = [...items];
  const failures: string[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const name = nameOf(item);
      await work(item).catch((error: unknown) => failures.push(`${name}: ${String(error)}`));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  assert.equal(failures.length, 0, `${failures.length} of ${items.length} failed:\n${failures.join("\n")}`);
}
