/** One request, answered or not. */
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

/** The load process's only argument, as JSON. */
export interface LoadOptions {
  readonly targets: readonly LoadTarget[];
  /** The load ends after this long in any case. */
  readonly maxSeconds: number;
}
