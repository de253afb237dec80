import type { parseDatabaseCredentials } from "../../contract/database-credentials";
import type { DatabaseSecretEntry } from "../../contract/database-secrets";
import { parseCurrent } from "../database-rotation";
import type { SecretStore } from "../secret-store";
import type { Settings } from "../settings";

export interface BootstrapAccess {
  readonly settings: Settings;
  readonly openSecret: (secretArn: string) => SecretStore;
  readonly superuserStore: SecretStore | undefined;
  readonly remainingTimeMs: () => number;
}

/** One secret, and what it holds so far. */
export interface User {
  readonly entry: DatabaseSecretEntry;
  readonly store: SecretStore;
  readonly stored: Stored | undefined;
}

export type Stored = ReturnType<typeof parseDatabaseCredentials> & { readonly text: string };

/** @throws CredentialMismatchError for a value of another user, and whatever reading and parsing throw */
export async function readUser(entry: DatabaseSecretEntry, store: SecretStore): Promise<User> {
  const text = await store.getByStage("AWSCURRENT");
  return { entry, store, stored: text === undefined ? undefined : { ...parseCurrent(text, store, entry), text } };
}

/** The name in use: with alternating users, the one whose turn it is. */
export function currentName({ entry, stored }: User): string {
  return stored?.credentials.username ?? entry.username;
}
