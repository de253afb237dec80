import { DatabaseUnavailableError } from "./errors";

/** Limit on statements under way and calls that wait for a client. More are refused immediately, not after 45 s. */
const limit = 1_000;

/** The pool's calls that have begun and not ended. */
export class UnderWay {
  #count = 0;
  #isEnding = false;
  #onNone: (() => void) | undefined;

  /** @throws DatabaseUnavailableError after end(), and above the limit */
  async admit<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isEnding) throw new DatabaseUnavailableError("a call after end()", "a call before it");
    if (this.#count >= limit) throw new DatabaseUnavailableError(`${limit + 1} statements at once`, `up to ${limit}`);
    return this.track(call());
  }

  /** Work that end() waits for. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work;
    } finally {
      this.#count -= 1;
      if (this.#count === 0) this.#onNone?.();
    }
  }

  /**
   * Admits no more calls.
   *
   * @returns what to wait for; undefined when nothing is under way
   * @throws Error when called a second time
   */
  end(): Promise<void> | undefined {
    if (this.#isEnding) throw new Error("Called end on pool more than once");
    this.#isEnding = true;
    return this.#count === 0 ? undefined : new Promise((resolve) => (this.#onNone = resolve));
  }
}
