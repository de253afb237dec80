import { setTimeout as sleep } from "node:timers/promises";

export class DeadlinePassedError extends Error {}

/** A moment at which all waiting ends. */
export class Deadline {
  readonly #endsAt: number;

  constructor(durationMs: number) {
    this.#endsAt = Date.now() + durationMs;
  }

  /**
   * Waits for the work until the deadline; the work itself continues.
   *
   * @throws DeadlinePassedError, and whatever the work throws before it
   */
  async wait<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise<never>((_resolve, reject) => {
      const expire = () => {
        reject(new DeadlinePassedError());
      };
      timer = setTimeout(expire, Math.max(0, this.#endsAt - Date.now()));
    });
    try {
      return await Promise.race([work, passed]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * Pauses before another attempt. The pause doubles each time, up to 2 s, and half of it is random, so that clients do
 * not retry in step.
 */
export async function backOff(failures: number): Promise<void> {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
  await sleep(pauseMs * (0.5 + Math.random() / 2));
}
