import { setTimeout as sleep } from "node:timers/promises";

/** Longer than any test may take. A wait without an end would keep a failed test's process alive. */
const limitMs = 300_000;

/**
 * Waits until a condition holds; mocha's own timeout limits the wait of a test.
 *
 * @throws Error after 5 minutes
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`the condition did not hold within ${limitMs / 1000} s: ${holds.toString()}`);
    await sleep(10);
  }
}
