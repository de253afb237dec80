import { maxNameBytes } from "./database-credentials";

/*
 * Which database secrets a stack rotates, in one environment variable of its functions, whether there is one secret or
 * many. The program and the local stack write it; rotation-fn reads it.
 */

/** How the password of a user changes. docs/strategies.md compares them. */
export type DatabaseStrategyName = (typeof databaseStrategyNames)[number];

export const databaseStrategyNames = ["single-user", "alternating-users"] as const;

/**
 * What a user may do: everything, as the owner role; select, insert, update and delete in every table; or only select.
 */
export type Access = (typeof accesses)[number];

export const accesses = ["owner", "read-write", "read-only"] as const;

/** One secret, and the one user whose password it holds. */
export interface DatabaseSecretEntry {
  /** The full ARN. */
  readonly secretArn: string;
  /** The login role; with alternating users, the first of the two. */
  readonly username: string;
  readonly access: Access;
  readonly strategy: DatabaseStrategyName;
}

/** The first one is the service's own. */
export type DatabaseSecretEntries = readonly [DatabaseSecretEntry, ...DatabaseSecretEntry[]];

/** The environment variable that holds the entries. */
export const databaseSecretsVariable = "DATABASE_SECRETS";

/** The format, as errors show it. */
export const databaseSecretsFormat =
  `<secret's ARN>,<user>,<${accesses.join("|")}>,<${databaseStrategyNames.join("|")}>, ` +
  "one entry for each secret, with spaces between them";

/** Writes no quotes or line breaks: Lambda measures the environment as JSON, where each of those counts twice. */
export function formatDatabaseSecrets(entries: readonly DatabaseSecretEntry[]): string {
  return entries
    .map(({ secretArn, username, access, strategy }) => [secretArn, encodeURIComponent(username), access, strategy])
    .join(" ");
}

/** @returns undefined if the text is not in the format, has a name over 63 bytes, or lists a secret or a user twice */
export function parseDatabaseSecrets(text: string): DatabaseSecretEntries | undefined {
  const entries = text.split(" ").map(parseEntry);
  const isSound = (entry: DatabaseSecretEntry | undefined): entry is DatabaseSecretEntry => entry !== undefined;
  if (!entries.every(isSound)) return undefined;
  const distinct = (values: readonly string[]): boolean => new Set(values).size === values.length;
  const areDistinct =
    distinct(entries.map(({ secretArn }) => secretArn)) && distinct(entries.map(({ username }) => username));
  const [own, ...others] = entries;
  return areDistinct && own !== undefined ? [own, ...others] : undefined;
}

function parseEntry(text: string): DatabaseSecretEntry | undefined {
  const [secretArn = "", encoded = "", accessName, strategyName, ...rest] = text.split(",");
  const access = accesses.find((name) => name === accessName);
  const strategy = databaseStrategyNames.find((name) => name === strategyName);
  const username = decode(encoded);
  if (!secretArn.startsWith("arn:") || !username || !access || !strategy || rest.length > 0) return undefined;
  if (Buffer.byteLength(username) > maxNameBytes) return undefined;
  return { secretArn, username, access, strategy };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // a lone % or the like
  }
}

/**
 * The NOLOGIN role that gives users an access: the owner role itself, or one alongside it, as in todo_owner,
 * todo_read_write and todo_read_only.
 */
export function accessRole(ownerRole: string, access: Access): string {
  if (access === "owner") return ownerRole;
  return `${ownerRole.replace(/_owner$/, "")}_${access.replace("-", "_")}`;
}
