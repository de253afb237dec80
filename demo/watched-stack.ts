import type { Access, DatabaseSecretEntry } from "../contract/database-secrets";
import type { LocalFunction } from "../local/lambda";
import type { RotatingSecret } from "../local/rotating-secret";
import { createStack, type RotationStrategy, type Stack } from "../local/stack";
import type { Cleanup } from "./cleanup";
import { CredentialHistory } from "./credential-history";
import type { LogPart, Secrets } from "./log-search";
import { logsIn } from "./login";
import type { Servers } from "./servers";
import { markerOf } from "./version";

/** One strategy's secret and functions, ready to rotate, with all their logs and every secret they had. */
export interface WatchedStack {
  readonly stack: Stack;
  /** The service's own user comes first. */
  readonly users: readonly [WatchedUser, ...WatchedUser[]];
  /** Everything that no log may hold. */
  readonly secrets: Secrets;
  readonly logs: readonly LogPart[];
  readonly database: string;
  /**
   * Makes PostgreSQL and the rotation function log the marker of a version, after everything that they logged before.
   */
  plantMarkers(versionId: string): Promise<void>;
}

/** A database user, its secret, and every credential that the secret ever held. */
export interface WatchedUser {
  readonly name: string;
  readonly access: Access;
  readonly secret: RotatingSecret;
  readonly history: CredentialHistory;
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
      ...{ postgres, secretsManager, strategy, database, username, ownerRole },
      additionalUsers: otherAccesses(count - 1).map((access, i) => ({ name: `user_${i + 2}_${suffix}`, access })),
      ...(bundleFile !== undefined && { bundleFile }),
    }),
  );
  const secrets = new Map([
    [postgres.administrator.password, "administrator's password"],
    [postgres.superuser.password, "superuser's password"],
  ]);
  const watch = (user: DatabaseSecretEntry): WatchedUser => {
    const secret = stack.additional[user.username] ?? stack;
    return { name: user.username, access: user.access, secret, history: new CredentialHistory(secret, secrets) };
  };
  const [own, ...others] = stack.secrets;
  const users = [watch(own), ...others.map(watch)] as const;
  secretsManager.registerFunction(
    observed(stack.rotateFunction, (token) => {
      secrets.set(token, "token of a rotation");
    }),
  );
  const { functionError, payload } = await stack.bootstrap();
  await stack.bootstrapFunction.stop(); // runs only once; when it has ended, its log is complete
  if (functionError !== undefined) throw new Error(`bootstrap: ${JSON.stringify(payload)}`);
  for (const { history } of users) await history.readCurrent();
  return {
    stack,
    users,
    secrets,
    database,
    logs: [
      postgresLog,
      secretsManagerLog,
      logOf(stack.bootstrapFunction, () => "bootstrapped"),
      logOf(stack.rotateFunction, markerOf),
    ],
    async plantMarkers(versionId) {
      await logsIn(postgres, { ...postgres.administrator, dbname: database }, markerOf(versionId));
      await stack.rotateFunction.invoke({ Step: markerOf(versionId) }); // makes it log an error about this step
    },
  };
}

const accessesInTurn: readonly Access[] = ["read-only", "read-write", "owner"];

function otherAccesses(count: number): Access[] {
  return Array.from({ length: count }, (_, i) => accessesInTurn[i % accessesInTurn.length] ?? "owner");
}

/** The same function, observed: the events that Secrets Manager sends hold the rotation token. */
export function observed(fn: LocalFunction, onToken: (token: string) => void): LocalFunction {
  return {
    ...fn,
    invoke(event) {
      const { RotationToken } = event as { readonly RotationToken: string };
      onToken(RotationToken);
      return fn.invoke(event);
    },
  };
}

export function logOf(fn: LocalFunction, proofOf: (versionId: string) => string): LogPart {
  return { name: `the log of ${fn.name}`, read: () => Promise.resolve(fn.logs.join("\n")), proofOf };
}
