import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { formatDatabaseSecrets } from "../../../contract/database-secrets";
import { bootstrap, type BootstrapResult } from "../../../rotation-fn/bootstrap";
import { parseBootstrapInput } from "../../../rotation-fn/bootstrap/input";
import { parseRotationEvent, runStep } from "../../../rotation-fn/rotate";
import { SecretStore } from "../../../rotation-fn/secret-store";
import { readSettings } from "../../../rotation-fn/settings";
import { readStrategies } from "../../../rotation-fn/strategies";
import { type Step, steps } from "../rotation";
import type { TestStack } from "../stack";
import { ExternalCalls } from "./external-calls";

/**
 * The functions' own code in this process, where its calls can be seen and stopped one by one; Lambda runs the same
 * code as a bundle. Each run acts as a new process: it remembers nothing of the previous one.
 */
export interface FunctionInProcess {
  /** Everything logged, and every error that ended a run, with all its properties. */
  readonly log: readonly string[];
  /** Runs the steps (default: all four) as Secrets Manager does: one after the other, until one fails. */
  rotate(token: string, calls?: ExternalCalls, which?: readonly Step[]): Promise<void>;
  /** @param changes to the input that the program gives it */
  bootstrap(calls?: ExternalCalls, changes?: Readonly<Record<string, unknown>>): Promise<BootstrapResult>;
  destroy(): void;
}

/** @param limitMs Lambda's own limit for each run; the default is much longer than any fault here takes */
export function functionInProcess(stack: TestStack, limitMs = 60_000): FunctionInProcess {
  const log: string[] = [];
  const client = new SecretsManagerClient({
    endpoint: stack.secretsManager.endpointUrl,
    region: stack.secretsManager.region,
    credentials: { accessKeyId: "function-in-process", secretAccessKey: "example-secret-access-key" },
  });
  ExternalCalls.watch(client);
  const environment = {
    DATABASE_SECRETS: formatDatabaseSecrets(stack.secrets),
    SUPERUSER_SECRET_ARN: stack.superuserSecretArn,
    OWNER_ROLE: stack.ownerRole,
    PGSSLROOTCERT: stack.postgres.caFile,
  };
  const openSecret = (secretArn: string) => new SecretStore(client, secretArn);
  const store = openSecret(stack.secretArn);
  const startClock = (): (() => number) => {
    const endsAt = Date.now() + limitMs;
    return () => Math.max(0, endsAt - Date.now());
  };
  const logged = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      log.push(inspect(error, { depth: 9 }));
      throw error;
    }
  };
  return {
    log,
    rotate: (token, calls = new ExternalCalls(), which = steps) =>
      logged(() =>
        calls.run(async () => {
          const secrets = readStrategies(environment, openSecret);
          const info = (message: string) => void log.push(message);
          for (const Step of which) {
            const rotation = { store, versionId: token, remainingTimeMs: startClock(), info };
            const event = { Step, SecretId: stack.secretArn, ClientRequestToken: token };
            const parsed = parseRotationEvent(event, secrets);
            await cutOff(runStep(parsed.event, rotation, parsed.configured.strategy), limitMs);
          }
        }),
      ),
    bootstrap: (calls = new ExternalCalls(), changes = {}) =>
      logged(() =>
        calls.run(() =>
          bootstrap(parseBootstrapInput({ ...stack.bootstrapInput, ...changes }), {
            openSecret,
            superuserStore: openSecret(stack.superuserSecretArn),
            settings: readSettings(environment),
            remainingTimeMs: startClock(),
          }),
        ),
      ),
    destroy: () => {
      client.destroy();
    },
  };
}

/** As Lambda does: what has not ended at the limit has failed, without an error of its own. */
async function cutOff<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const end = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: end.signal }).then(() => {
    throw new Error("Task timed out");
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    end.abort();
  }
}
