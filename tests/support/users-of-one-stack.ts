import type { RotationStrategy } from "../../local/stack";
import { asStackOf } from "./several-users";
import { startOwnPostgres } from "./postgres";
import { startStack, type TestStack, type TestStackOptions } from "./stack";

interface UsersOptions extends Pick<TestStackOptions, "timeoutSeconds"> {
  /** Whether the tests stop or break the server. @default false */
  readonly ownServer?: boolean;
}

/**
 * Starts one stack for all tests of a describe, so that the function's process stays warm from test to test. Faults end
 * with the test.
 *
 * @returns gives a test a user of its own, with a first value
 */
export function usersOfOneStack(
  strategy: RotationStrategy,
  { ownServer = false, timeoutSeconds }: UsersOptions = {},
): () => TestStack {
  let shared: TestStack;
  let unused: string[];

  before(async function () {
    made += 1;
    unused = (this.test?.parent?.tests ?? []).map((_test, index) => `user_${made}_of_one_stack_${index}_`);
    const additionalUsers = unused.map((name) => ({ name, access: "owner" as const }));
    const postgres = ownServer ? await startOwnPostgres() : undefined;
    shared = await startStack({ strategy, additionalUsers, timeoutSeconds, postgres });
  });
  afterEach(() => {
    shared.secretsManager.clearFaults();
  });
  after(() => shared.stop());
  return () => {
    const username = unused.pop();
    if (username === undefined) throw new Error("there is one user for each test, and no more");
    return asStackOf(shared, username);
  };
}

let made = 0; // roles belong to the server, which the test files share
