import { setTimeout as sleep } from "node:timers/promises";

/** Waits until a condition holds; mocha's own timeout limits the wait. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}
