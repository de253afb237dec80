/** One request that was answered, or was not. */
export interface Sample {
  /** When it ended, milliseconds since 1970. */
  readonly atMs: number;
  /** Answered with 2xx. */
  readonly succeeded: boolean;
  readonly latencyMs: number;
}

/** What the load process sends, several times a second: the samples since the last message, by target. */
export type LoadMessage = Readonly<Record<string, readonly Sample[]>>;

export interface LoadTarget {
  readonly name: string;
  readonly url: string;
  readonly requestsPerSecond: number;
}

/** What the load process gets as its one argument, as JSON. */
export interface LoadOptions {
  readonly targets: readonly LoadTarget[];
  /** After this long the load ends whatever happens. */
  readonly maxSeconds: number;
}
