/** A measurement of one part that users would notice. */
export interface BenchCase {
  /** As --only takes it. */
  readonly name: string;
  readonly title: string;
  /** @param progress is called with what is being measured */
  run(progress: (what: string) => void): Promise<CaseResult>;
}

export interface CaseResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly goals: readonly Goal[];
}

export interface BenchReport {
  readonly machine: string;
  readonly results: readonly (CaseResult & { readonly name: string; readonly title: string })[];
}

export interface Goal {
  readonly text: string;
  readonly measured: number;
  readonly limit: "at most" | "at least";
  readonly value: number;
}

export function isReached({ measured, limit, value }: Goal): boolean {
  return limit === "at most" ? measured <= value : measured >= value;
}

/** @throws Error without values */
export function median(values: readonly number[]): number {
  const middle = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new Error("median: received no values, accepted is one or more");
  return middle;
}

/** Median, minimum and maximum, like `41.7 (39.9–52.0)`. */
export function spread(values: readonly number[], digits = 1): string {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${least.toFixed(digits)}–${greatest.toFixed(digits)})`;
}

/** Rounded, so that a report shows no meaningless digits. */
export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
