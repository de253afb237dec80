import { setTimeout as sleep } from "node:timers/promises";
import { querySuperuser } from "../rotation";
import type { TestStack } from "../stack";
import { ExternalCalls } from "./external-calls";

/**
 * Runs the work up to its call of that number, then the other work, then the rest. If the other work waits for a lock
 * that the first holds, the first continues, then the other.
 *
 * @returns the errors, undefined for success; isInterleaved: false if the work made fewer calls, and the other never ran
 */
export async function interleave(
  stack: TestStack,
  number: number,
  work: (calls: ExternalCalls) => Promise<unknown>,
  other: () => Promise<unknown>,
) {
  const started: Promise<unknown>[] = [];
  const calls = new ExternalCalls(async (call) => {
    if (call.number === number) {
      const otherEnd = errorOf(other());
      started.push(otherEnd);
      await Promise.race([otherEnd, untilWaiting(stack, otherEnd)]);
    }
    return call.run();
  });
  const error = await errorOf(work(calls));
  return { isInterleaved: started.length > 0, error, otherError: await started[0] };
}

/** Resolves when a session in the stack's database waits for a lock, or the work has ended. */
async function untilWaiting(stack: TestStack, work: Promise<unknown>): Promise<void> {
  const sql = "select from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";
  const isOver = new AbortController();
  void work.then(() => {
    isOver.abort();
  });
  while (!isOver.signal.aborted && (await querySuperuser(stack, sql, [stack.database])).length === 0) await sleep(10);
}

/** Undefined for success. */
export function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
