/** One deliberate mistake, which the tests must notice. */
export interface Mutation {
  /** For the table and for --only. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Found exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** The harm to users. */
  readonly why: string;
  /** The test files that must notice it. */
  readonly tests: readonly string[];
  /** Why it does no harm if unnoticed; then it may survive. */
  readonly harmless?: string;
}

interface Mistake extends Pick<Mutation, "from" | "why" | "harmless"> {
  /** @default nothing: the text is removed */
  readonly to?: string;
  /** @default the file's */
  readonly tests?: readonly string[];
}

/** The mistakes in one file: name → mistake. */
export function mistakesIn(
  file: string,
  tests: readonly string[],
  mistakes: Readonly<Record<string, Mistake>>,
): Mutation[] {
  return Object.entries(mistakes).map(([name, mistake]) => ({ name, file, tests, to: "", ...mistake }));
}

/**
 * @returns the file's text with the mistake in it
 * @throws Error when the old text is not found exactly once: the file has changed, and the mutation must be updated
 */
export function mutate(text: string, { name, file, from, to }: Mutation): string {
  const found = text.split(from).length - 1;
  if (found !== 1) throw new Error(`${name}: its old text is found ${found} times in ${file}; accepted is once`);
  return text.replace(from, () => to);
}
