import {
  type DatabaseCredentials,
  parseDatabaseCredentials,
  type ParsedDatabaseCredentials,
} from "../contract/database-credentials";
import type { DatabaseSecretEntry } from "../contract/database-secrets";
import { CredentialMismatchError } from "./errors";
import { logIn, type Session } from "./postgres";
import { isSameUser } from "./roles";
import type { SecretStore } from "./secret-store";
import type { Settings } from "./settings";
import { readCurrentText, type Rotation } from "./strategy";

/** What the environment says about one database secret. */
export interface DatabaseAccess {
  readonly entry: DatabaseSecretEntry;
  readonly settings: Settings;
  /** For the configured superuser secret; undefined if none is configured. */
  readonly superuserStore: SecretStore | undefined;
}

/** One rotation of a database credential under way. */
export interface DatabaseRotation extends Rotation, DatabaseAccess {}

/** Keys that must be the same in all versions of a secret: they say where a credential is sent. */
const connectionKeys = ["host", "port", "dbname"] as const;

/** @throws NoCurrentVersionError, and whatever reading and parseCurrent throw */
export async function readCurrent({ store, entry }: DatabaseRotation): Promise<DatabaseCredentials> {
  return parseCurrent(await readCurrentText(store), store, entry).credentials;
}

/**
 * Checks that the value belongs to the user that this secret is for. Otherwise anyone who can write one secret could
 * make this function change the password of another secret's user.
 *
 * @throws CredentialMismatchError, and whatever parsing throws
 */
export function parseCurrent(
  text: string,
  { secretArn }: SecretStore,
  { username }: DatabaseSecretEntry,
): ParsedDatabaseCredentials {
  const current = parseDatabaseCredentials(text, `AWSCURRENT of ${secretArn}`);
  if (isSameUser(current.credentials.username, username)) return current;
  const accepted = `"${username}" or its alternate, this secret's user; a new user name needs a new secret`;
  throw new CredentialMismatchError("username of AWSCURRENT", `"${current.credentials.username}"`, accepted);
}

/** @returns the parsed candidate, not yet compared with anything */
export async function readPending({ store, versionId }: Rotation): Promise<DatabaseCredentials> {
  const text = await store.getPending(versionId);
  return parseDatabaseCredentials(text, `AWSPENDING of ${store.secretArn}`).credentials;
}

/**
 * Checks, before the candidate is used for anything, that it points where AWSCURRENT points and belongs to the expected
 * user. Otherwise anyone who can write a version could make this function send credentials to a server of theirs, or
 * change the password of any user.
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
