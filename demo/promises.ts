import type { DemoStrategy } from "./arguments";

/** What one rotation may cost. This is ROTATION's floor: the guard in each step, and no login that fails by design. */
export const budgets = {
  "single-user": { secretsManagerCalls: 10, logins: 2 },
  "alternating-users": { secretsManagerCalls: 11, logins: 3 },
  "api-key": { secretsManagerCalls: 10, logins: 2 }, // requests to the service
} as const satisfies Record<DemoStrategy, object>;

export type PromiseName =
  | "rotates"
  | "newLogsIn"
  | "newIsTaken"
  | "oldIsRefused"
  | "oldIsNotTaken"
  | "oldLogsIn"
  | "nothingLeaks"
  | "costsLittle"
  | "servesAll";

const common = ["rotates", "nothingLeaks", "costsLittle"] as const;

export const promisesOf: Readonly<Record<DemoStrategy, readonly PromiseName[]>> = {
  "single-user": [...common, "newLogsIn", "servesAll", "oldIsRefused"],
  "alternating-users": [...common, "newLogsIn", "servesAll", "oldLogsIn"],
  "api-key": [...common, "newIsTaken", "oldIsNotTaken"],
};

/** The summary's wording. */
export const promiseTexts: Readonly<Record<PromiseName, string>> = {
  rotates: "every rotation succeeds",
  newLogsIn: "the new credential logs in",
  newIsTaken: "the service takes the new key",
  oldIsRefused: "the old one is refused",
  oldIsNotTaken: "it refuses the old one",
  oldLogsIn: "the old one logs in until its turn",
  nothingLeaks: "no password, key or rotation token in any log",
  costsLittle: "no call or login (request) too many, none fails",
  servesAll: "no request of the todo service fails",
};

/** The wording in the line of one rotation. */
export const shortPromiseTexts: Readonly<
  Record<Exclude<PromiseName, "rotates" | "costsLittle" | "servesAll">, string>
> = {
  newLogsIn: "new one logs in",
  newIsTaken: "new one is taken",
  oldIsRefused: "old one is refused",
  oldIsNotTaken: "old one is refused",
  oldLogsIn: "old one logs in",
  nothingLeaks: "no secret in any log",
};

/** How one strategy kept its promises. */
export class PromiseKeeper {
  /** Of every promise that was tested; an empty list when it was kept. */
  readonly #complaints = new Map<PromiseName, string[]>();

  constructor(readonly strategy: DemoStrategy) {}

  /**
   * Notes whether a promise was kept this time.
   *
   * @param otherwise what to say when it was not
   */
  check(name: PromiseName, kept: boolean, otherwise: string): void {
    const former = this.#complaints.get(name) ?? [];
    this.#complaints.set(name, kept ? former : [...former, otherwise]);
  }

  /** A promise that was never tested is not kept. */
  isKept(name: PromiseName): boolean {
    return this.#complaints.get(name)?.length === 0;
  }

  isTried(name: PromiseName): boolean {
    return this.#complaints.has(name);
  }

  allKept(): boolean {
    return promisesOf[this.strategy].every((name) => this.isKept(name));
  }

  /** Every broken promise, once for each time. */
  complaints(): readonly string[] {
    return [...this.#complaints.values()].flat();
  }
}
