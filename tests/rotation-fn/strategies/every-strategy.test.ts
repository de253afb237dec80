import { apiKeyStrategy } from "../../support/api-key-stack";
import { canLogIn, watchServerLog } from "../../support/rotation";
import { startStack } from "../../support/stack";
import { strategySuite, type SecretValue, type StrategyUnderTest } from "../../support/strategy-suite";

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

strategySuite(databaseStrategy("single-user", "ends"));
strategySuite(databaseStrategy("alternating-users", "stays"));
strategySuite(apiKeyStrategy({ keySource: "function", oldKey: "ends" }));
strategySuite(apiKeyStrategy({ keySource: "function", oldKey: "stays" }));
strategySuite(apiKeyStrategy({ keySource: "service", oldKey: "stays" }));
