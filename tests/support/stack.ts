import assert from "node:assert/strict";
import { type DatabaseSecretEntry, formatDatabaseSecrets } from "../../contract/database-secrets";
import type { InvocationResult, LocalFunction } from "../../local/lambda";
import type { Login, PostgresServer, PostgresVersion } from "../../local/postgres";
import {
  type SecretsManagerOptions,
  type SecretsManagerServer,
  startSecretsManager,
} from "../../local/secrets-manager";
import { startBundledFunction } from "../../local/rotating-secret";
import { createStack, type Stack, type StackOptions } from "../../local/stack";
import { bootstrap, type BootstrapResult } from "../../rotation-fn/bootstrap";
import { parseBootstrapInput } from "../../rotation-fn/bootstrap/input";
import { SecretStore } from "../../rotation-fn/secret-store";
import { readSettings } from "../../rotation-fn/settings";
import { KeptSession } from "./kept-session";
import { freshDatabase, loginConfig } from "./postgres";

export interface TestStack extends Stack {
  readonly postgres: PostgresServer;
  readonly secretsManager: SecretsManagerServer;
  readonly database: string;
  readonly username: string;
  readonly ownerRole: string;
  /**
   * Does what bootstrapFunction does, and answers as it does, but without a process for it: most tests only need what it
   * leaves behind.
   */
  bootstrap(changes?: BootstrapChanges): Promise<InvocationResult>;
  readonly superuserSession: KeptSession;
  /** The credential that a label's value holds. */
  readLogin(stage?: "AWSCURRENT" | "AWSPENDING" | "AWSPREVIOUS"): Promise<Login>;
}

/** How an invocation of bootstrap differs from the one at the first `up`. */
interface BootstrapChanges {
  readonly input?: Readonly<Record<string, unknown>>;
  readonly secrets?: readonly DatabaseSecretEntry[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TestStackOptions
  extends
    Pick<StackOptions, "strategy" | "additionalUsers" | "environment" | "execPath" | "timeoutSeconds">,
    SecretsManagerOptions {
  /** @default 17 */
  readonly version?: PostgresVersion;
  /** @default a unique one: roles belong to the whole server, and test files share servers */
  readonly username?: string;
  /** @default a unique one */
  readonly ownerRole?: string;
  /** @default the one that the test files share; tests that stop or break it need another */
  readonly postgres?: PostgresServer;
  /** Returns the URL through which the functions reach the endpoint. @default the endpoint's own */
  readonly through?: (url: string) => Promise<string>;
  /** Whether the bootstrap function has run. @default true */
  readonly bootstrapped?: boolean;
}

/** The Node that runs the bundles: .ci/run runs their tests once more under the one that Lambda has. */
export const bundleNode = process.env.BUNDLE_NODE ?? process.execPath;

const running = new Set<TestStack>();

/** For mocha's root hook: a failed test may have left its stack running. */
export async function stopStacks(): Promise<void> {
  await Promise.all([...running].map((stack) => stack.stop()));
}

/** One more rotation function, with the stack's environment and this one. The caller stops it. */
export function startRotateFunction(
  stack: TestStack,
  name: string,
  secrets: readonly DatabaseSecretEntry[],
  environment: Readonly<Record<string, string>>,
): LocalFunction {
  return startBundledFunction({
    ...{ name, handler: "rotate", secretsManager: stack.secretsManager, execPath: bundleNode },
    environment: functionEnvironment(stack, secrets, environment),
  });
}

function functionEnvironment(
  { ownerRole, postgres }: TestStack,
  secrets: readonly DatabaseSecretEntry[],
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    DATABASE_SECRETS: formatDatabaseSecrets(secrets),
    OWNER_ROLE: ownerRole,
    PGSSLROOTCERT: postgres.caFile,
    ...environment,
  };
}

/** A separate database on the shared PostgreSQL, a separate endpoint, and the functions, ready to rotate. */
export async function startStack(options: TestStackOptions): Promise<TestStack> {
  const { version, bootstrapped = true, ...rest } = options;
  const { server: postgres, database } = await freshDatabase(options.postgres ?? version);
  const secretsManager = await startSecretsManager(rest);
  const username = options.username ?? `user_${database}`;
  const ownerRole = options.ownerRole ?? `owner_${database}`;
  const environment = {
    ...(options.through && { AWS_ENDPOINT_URL_SECRETS_MANAGER: await options.through(secretsManager.endpointUrl) }),
    ...options.environment,
  };
  const superuserSession = new KeptSession(loginConfig(postgres, postgres.superuser, database));
  const parts = { postgres, secretsManager, database, username, ownerRole, environment };
  const stack = await createStack({ execPath: bundleNode, ...rest, ...parts });
  const testStack: TestStack = {
    ...stack,
    postgres,
    secretsManager,
    database,
    username,
    ownerRole,
    superuserSession,
    bootstrap: (changes = {}) =>
      answerOf(() => runBootstrap(testStack, { ...changes, environment: { ...environment, ...changes.environment } })),
    async readLogin(stage) {
      const value = await stack.readValue(stage);
      return { username: String(value.username), password: String(value.password) };
    },
    async stop() {
      running.delete(testStack);
      superuserSession.end();
      await Promise.all([stack.stop(), secretsManager.stop()]);
    },
  };
  running.add(testStack);
  if (bootstrapped) await runBootstrap(testStack, { environment });
  return testStack;
}

/** The code of the bootstrap function, in this process. */
async function runBootstrap(
  stack: TestStack,
  { input = {}, secrets = stack.secrets, environment = {} }: BootstrapChanges,
): Promise<BootstrapResult> {
  const { superuserSecretArn } = stack;
  const openSecret = (secretArn: string) => new SecretStore(stack.client, secretArn);
  return bootstrap(parseBootstrapInput({ ...stack.bootstrapInput, ...input }), {
    openSecret,
    superuserStore: openSecret(superuserSecretArn),
    settings: readSettings(
      functionEnvironment(stack, secrets, { SUPERUSER_SECRET_ARN: superuserSecretArn, ...environment }),
    ),
    remainingTimeMs: () => 60_000,
  });
}

/** What Lambda would answer. */
async function answerOf(run: () => Promise<unknown>): Promise<InvocationResult> {
  try {
    return { payload: JSON.parse(JSON.stringify(await run())) as unknown };
  } catch (error) {
    assert(error instanceof Error);
    return { functionError: "Unhandled", payload: { errorType: error.name, errorMessage: error.message } };
  }
}
