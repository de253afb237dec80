import type { Sample } from "./load";

/** What --json and the table show of one client. */
export interface ClientFigures {
  readonly requests: number;
  readonly failedRequests: number;
  /** Of the successful requests; 0 without any. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function figuresOfSamples(samples: readonly Sample[]): ClientFigures {
  const succeeded = samples.filter((sample) => sample.succeeded).map(({ latencyMs }) => latencyMs);
  succeeded.sort((a, b) => a - b);
  return {
    requests: samples.length,
    failedRequests: samples.length - succeeded.length,
    p50Ms: percentile(succeeded, 0.5),
    p99Ms: percentile(succeeded, 0.99),
  };
}

/** By nearest rank, so it is a measured latency; rounded to tenths. */
function percentile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return Math.round(value * 10) / 10;
}

export interface Bucket {
  readonly succeeded: number;
  readonly failed: number;
}

/** How many requests ended in each time interval, starting at `startMs`. */
export function bucketsOf(samples: readonly Sample[], startMs: number, endMs: number, widthMs: number): Bucket[] {
  const buckets = Array.from({ length: Math.ceil((endMs - startMs) / widthMs) }, () => ({ succeeded: 0, failed: 0 }));
  for (const { atMs, succeeded } of samples) {
    const bucket = buckets[Math.floor((atMs - startMs) / widthMs)];
    if (bucket) bucket[succeeded ? "succeeded" : "failed"]++;
  }
  return buckets;
}
