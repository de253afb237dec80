import { apiKeyStrategy } from "./api-key-stack";
import { canLogIn, watchServerLog } from "./rotation";
import { startStack } from "./stack";
import type { SecretValue, StrategyUnderTest } from "./strategy-suite";

const loginOf = ({ username, password }: SecretValue) => ({ username: String(username), password: String(password) });

function databaseStrategy(
  strategy: "single-user" | "alternating-users",
  oldCredential: StrategyUnderTest["oldCredential"],
): StrategyUnderTest {
  return {
    name: strategy,
    oldCredential,
    async start(through) {
      const stack = await startStack({ strategy, through });
      const log = watchServerLog(stack);
      return {
        ...stack,
        isTaken: (value) => canLogIn(stack, loginOf(value)),
        secretPartOf: (value) => loginOf(value).password,
        leadingTo: (port) => ({ host: "127.0.0.1", port }),
        serverLog: () => log.text(),
      };
    },
  };
}

/** Every strategy of rotation-fn, and every configuration that changes what a strategy does. */
export const strategies: readonly StrategyUnderTest[] = [
  databaseStrategy("single-user", "ends"),
  databaseStrategy("alternating-users", "stays"),
  apiKeyStrategy({ keySource: "function", oldKey: "ends" }),
  apiKeyStrategy({ keySource: "function", oldKey: "stays" }),
  apiKeyStrategy({ keySource: "service", oldKey: "stays" }),
];
