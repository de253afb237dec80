import type { RotationStrategy } from "../stack";

/** What one rotation may cost. ROTATION's floor: the guard in each step, and no login that fails by design. */
export const budgets = {
  "single-user": { secretsManagerCalls: 10, logins: 2 },
  "alternating-users": { secretsManagerCalls: 11, logins: 3 },
} as const satisfies Record<RotationStrategy, object>;

export type PromiseName =
  "rotates" | "newLogsIn" | "oldIsRefused" | "oldLogsIn" | "nothingLeaks" | "costsLittle" | "servesAll";

const common = ["rotates", "newLogsIn", "nothingLeaks", "costsLittle", "servesAll"] as const;

/** What each strategy promises. */
export const promisesOf: Readonly<Record<RotationStrategy, readonly PromiseName[]>> = {
  "single-user": [...common, "oldIsRefused"],
  "alternating-users": [...common, "oldLogsIn"],
};

/** As the summary says it. */
export const promiseTexts: Readonly<Record<PromiseName, string>> = {
  rotates: "every rotation succeeds",
  newLogsIn: "the new credential logs in",
  oldIsRefused: "the old one is refused",
  oldLogsIn: "the old one logs in until its turn",
  nothingLeaks: "no password or rotation token in any log",
  costsLittle: "no call or login too many, none that fails",
  servesAll: "no request of the todo service fails",
};

/** As the line of one rotation says it. */
export const shortPromiseTexts: Readonly<
  Record<Exclude<PromiseName, "rotates" | "costsLittle" | "servesAll">, string>
> = {
  newLogsIn: "new one logs in",
  oldIsRefused: "old one is refused",
  oldLogsIn: "old one logs in",
  nothingLeaks: "no secret in any log",
};

/** What became of one strategy's promises. */
export class PromiseKeeper {
  readonly #checked = new Set<PromiseName>();
  readonly #broken = new Map<PromiseName, string[]>();

  constructor(readonly strategy: RotationStrategy) {}

  /**
   * Notes whether a promise was kept this time.
   *
   * @param otherwise what to say when it was not
   */
  check(name: PromiseName, kept: boolean, otherwise: string): boolean {
    this.#checked.add(name);
    if (!kept) this.#broken.set(name, [...(this.#broken.get(name) ?? []), otherwise]);
    return kept;
  }

  /** A promise that was never put to the test is not kept. */
  isKept(name: PromiseName): boolean {
    return this.#checked.has(name) && !this.#broken.has(name);
  }

  isTried(name: PromiseName): boolean {
    return this.#checked.has(name);
  }

  allKept(): boolean {
    return promisesOf[this.strategy].every((name) => this.isKept(name));
  }

  /** Each time that a promise was broken. */
  complaints(): readonly string[] {
    return [...this.#broken.values()].flat();
  }
}
