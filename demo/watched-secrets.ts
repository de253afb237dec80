import type { LocalFunction } from "../local/lambda";
import type { RotatingSecret } from "../local/rotating-secret";
import type { SecretsManagerServer } from "../local/secrets-manager";
import type { DemoStrategy } from "./arguments";
import type { CredentialHistory, SecretValue } from "./credential-history";
import type { LogPart, Secrets } from "./log-search";
import type { LoginCount } from "./postgres-log";

/** One strategy's secrets and functions, ready to rotate, with all their logs and every value they had. */
export interface WatchedSecrets {
  readonly strategy: DemoStrategy;
  readonly rotateFunction: LocalFunction;
  /** The service's own user comes first. An API key has one "user". */
  readonly users: readonly [WatchedUser, ...WatchedUser[]];
  /** Everything that no log may hold. */
  readonly secrets: Secrets;
  readonly logs: readonly LogPart[];
  /** Counts logins from now until the returned function is called; for an API key, requests to the service. */
  startCounting(): Promise<() => Promise<LoginCount>>;
  accepts(value: SecretValue): Promise<boolean>;
  /** Makes the parts that write the logs log the marker of a version, after everything that they logged before. */
  plantMarkers(versionId: string): Promise<void>;
  /** Stops the functions. */
  stop(): Promise<void>;
}

/** A user, its secret, and every credential that the secret ever held. */
export interface WatchedUser {
  readonly name: string;
  readonly access: string;
  readonly secret: RotatingSecret;
  readonly history: CredentialHistory;
}

/** Notes the rotation tokens in the events that Secrets Manager sends to the function. */
export function observeTokens(
  secretsManager: SecretsManagerServer,
  fn: LocalFunction,
  secrets: Map<string, string>,
): void {
  secretsManager.registerFunction({
    ...fn,
    invoke(event) {
      const { RotationToken } = event as { readonly RotationToken: string };
      secrets.set(RotationToken, "token of a rotation");
      return fn.invoke(event);
    },
  });
}

export function logOf(fn: LocalFunction, proofOf: (versionId: string) => string): LogPart {
  return { name: `the log of ${fn.name}`, read: () => Promise.resolve(fn.logs.join("\n")), proofOf };
}
