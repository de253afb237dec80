/** What must be stopped before the process ends, whether the work is done or Ctrl-C ends it. */
export class Cleanup {
  readonly #stops: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  /** Registers something that runs. After close() it is stopped immediately, because it started too late. */
  async add<T extends { stop(): Promise<void> }>(running: T): Promise<T> {
    if (this.#closing) await running.stop();
    else this.#stops.push(() => running.stop());
    return running;
  }

  /** Stops everything, last started first; a second call waits for the first. */
  close(): Promise<void> {
    return (this.#closing ??= this.#stopAll());
  }

  async #stopAll(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop();
  }
}
