import { NoCurrentVersionError } from "./errors";
import type { SecretStore } from "./secret-store";

/**
 * What differs between the ways to rotate. rotate.ts holds what is the same for all: the guard of each step,
 * PutSecretValue, and finishSecret, which moves AWSCURRENT.
 *
 * When a step fails or its function dies, Secrets Manager repeats the whole rotation with the same version. Each method
 * therefore does nothing if its work is already done, and completes it if it is half done. docs/strategies.md shows how
 * to write a strategy.
 */
export interface Strategy {
  /**
   * createSecret: the text of the next version, with every key of the current one that the strategy does not know. If
   * the version already has a value, that value is kept and this one dropped.
   */
  createValue(rotation: Rotation, currentText: string): string | Promise<string>;
  /** setSecret: makes the candidate valid, wherever that credential is used. */
  setSecret(rotation: Rotation): Promise<void>;
  /** testSecret: throws if the candidate is not valid. It may be AWSCURRENT's own value (RotateImmediately false). */
  testSecret(rotation: Rotation): Promise<void>;
}

/** One rotation under way. */
export interface Rotation {
  /** VersionId of the candidate; Secrets Manager calls it ClientRequestToken. */
  readonly versionId: string;
  readonly store: SecretStore;
  /** Time left of Lambda's own limit, in milliseconds. */
  readonly remainingTimeMs: () => number;
  readonly info: (message: string) => void;
}

/** @throws NoCurrentVersionError, and what SecretStore throws */
export async function readCurrentText(store: SecretStore): Promise<string> {
  const text = await store.getByStage("AWSCURRENT");
  if (text === undefined) throw noCurrentVersion(store.secretArn);
  return text;
}

export function noCurrentVersion(secretArn: string): NoCurrentVersionError {
  const accepted =
    "a version that applications read; the bootstrap function makes a database's first one, an API key's first value is put manually";
  return new NoCurrentVersionError(`AWSCURRENT of ${secretArn}`, "no version with that label", accepted);
}
