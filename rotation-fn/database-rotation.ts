import { type DatabaseCredentials, parseDatabaseCredentials } from "../contract/database-credentials";
import { CredentialMismatchError } from "./errors";
import { logIn, type Session } from "./postgres";
import type { SecretStore } from "./secret-store";
import type { Settings } from "./settings";
import { readCurrentText, type Rotation } from "./strategy";

/** One rotation of a database credential under way. */
export interface DatabaseRotation extends Rotation {
  readonly settings: Settings;
  /** Of the configured superuser secret; undefined where none is configured. */
  readonly superuserStore: SecretStore | undefined;
}

/** Keys in which the versions of one secret must agree. They say where a credential is sent. */
const connectionKeys = ["host", "port", "dbname"] as const;

/** @throws NoCurrentVersionError, and whatever reading and parsing throw */
export async function readCurrent({ store }: Rotation): Promise<DatabaseCredentials> {
  return parseDatabaseCredentials(await readCurrentText(store), `AWSCURRENT of ${store.secretArn}`).credentials;
}

/** @returns the parsed candidate, not yet compared with anything */
export async function readPending({ store, versionId }: Rotation): Promise<DatabaseCredentials> {
  const text = await store.getPending(versionId);
  return parseDatabaseCredentials(text, `AWSPENDING of ${store.secretArn}`).credentials;
}

/**
 * Checks, before the candidate is used for anything, that it leads where AWSCURRENT leads and is of the expected user:
 * else whoever can write a version could have this function send credentials to a server of theirs, or change the
 * password of any user.
 *
 * @throws CredentialMismatchError
 */
export function compareWithCurrent(
  stage: "AWSPENDING" | "AWSPREVIOUS",
  candidate: DatabaseCredentials,
  current: DatabaseCredentials,
  usernames: readonly string[],
): void {
  for (const key of connectionKeys) {
    if (candidate[key] !== current[key]) {
      throw new CredentialMismatchError(`${key} of ${stage}`, `"${candidate[key]}"`, `AWSCURRENT's, "${current[key]}"`);
    }
  }
  if (!usernames.includes(candidate.username)) {
    const accepted = usernames.map((username) => `"${username}"`).join(" or ");
    throw new CredentialMismatchError(`username of ${stage}`, `"${candidate.username}"`, accepted);
  }
}

/** @returns undefined when the server refuses the credential */
export async function logInAs(
  rotation: DatabaseRotation,
  credentials: DatabaseCredentials,
): Promise<Session | undefined> {
  const { settings, remainingTimeMs } = rotation;
  return logIn(credentials, { ...settings, remainingTimeMs });
}

/** Logs in and out again. */
export async function canLogIn(rotation: DatabaseRotation, credentials: DatabaseCredentials): Promise<boolean> {
  const session = await logInAs(rotation, credentials);
  await session?.close();
  return session !== undefined;
}
