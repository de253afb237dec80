import type { Access, DatabaseSecretEntry } from "../contract/database-secrets";
import { createStack, type RotationStrategy, type Stack } from "../local/stack";
import type { Cleanup } from "./cleanup";
import { CredentialHistory } from "./credential-history";
import { logsIn } from "./login";
import type { Servers } from "./servers";
import { markerOf } from "./version";
import { logOf, observeTokens, type WatchedSecrets, type WatchedUser } from "./watched-secrets";

export interface WatchedStack extends WatchedSecrets {
  readonly stack: Stack;
}

export interface WatchedStackOptions {
  /** @default 1 */
  readonly users?: number;
  readonly cleanup: Cleanup;
  /** @default the built one */
  readonly bundleFile?: string;
  /** Part of the names of its database and roles. @default the strategy */
  readonly name?: string;
}

/** The bundle's application name in PostgreSQL. */
const functionApplicationName = "todo-rotation";

/**
 * Builds the stack and runs the bootstrap function.
 *
 * @throws Error when that function fails; the message is the function's
 */
export async function startWatchedStack(
  servers: Servers,
  strategy: RotationStrategy,
  { cleanup, bundleFile, name = strategy, users: count = 1 }: WatchedStackOptions,
): Promise<WatchedStack> {
  const { postgres, postgresLog, secretsManager, secretsManagerLog } = servers;
  const suffix = name.replaceAll("-", "_"); // roles belong to the whole server, so each stack has its own
  const [database, username, ownerRole] = [`tododb_${suffix}`, `todo_${suffix}`, `todo_owner_${suffix}`];
  await postgres.createDatabase(database);
  const stack = await cleanup.add(
    await createStack({
      ...{ postgres, secretsManager, strategy, database, username, ownerRole, bundleFile },
      additionalUsers: otherAccesses(count - 1).map((access, i) => ({ name: `user_${i + 2}_${suffix}`, access })),
    }),
  );
  const secrets = new Map([
    [postgres.administrator.password, "administrator's password"],
    [postgres.superuser.password, "superuser's password"],
  ]);
  const watch = (user: DatabaseSecretEntry): WatchedUser => {
    const secret = stack.additional[user.username] ?? stack;
    const history = new CredentialHistory(secret, secrets, "password");
    return { name: user.username, access: user.access, secret, history };
  };
  const [own, ...others] = stack.secrets;
  const users = [watch(own), ...others.map(watch)] as const;
  observeTokens(secretsManager, stack.rotateFunction, secrets);
  const { functionError, payload } = await stack.bootstrap();
  await stack.bootstrapFunction.stop(); // runs only once; when it has ended, its log is complete
  if (functionError !== undefined) throw new Error(`bootstrap: ${JSON.stringify(payload)}`);
  for (const { history } of users) await history.readCurrent();
  return {
    ...{ stack, strategy, users, secrets, rotateFunction: stack.rotateFunction },
    logs: [
      postgresLog,
      secretsManagerLog,
      logOf(stack.bootstrapFunction, () => "bootstrapped"),
      logOf(stack.rotateFunction, markerOf),
    ],
    async startCounting() {
      const start = await postgresLog.length();
      return () => postgresLog.countLogins(start, functionApplicationName);
    },
    accepts: ({ username: user, password, dbname }) =>
      logsIn(postgres, { username: String(user), password: String(password), dbname: String(dbname) }),
    async plantMarkers(versionId) {
      await logsIn(postgres, { ...postgres.administrator, dbname: database }, markerOf(versionId));
      await stack.rotateFunction.invoke({ Step: markerOf(versionId) }); // makes it log an error about this step
    },
    stop: () => stack.stop(),
  };
}

const accessesInTurn: readonly Access[] = ["read-only", "read-write", "owner"];

function otherAccesses(count: number): Access[] {
  return Array.from({ length: count }, (_, i) => accessesInTurn[i % accessesInTurn.length] ?? "owner");
}
