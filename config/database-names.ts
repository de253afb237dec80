import { maxNameBytes } from "../contract/database-credentials";
import type { ConfigReader } from "./reader";

/** Suffixes: of the role that owns the tables, and of the second of two alternating users. */
const ownerSuffix = "_owner";
const cloneSuffix = "_clone";
const longestUsername = maxNameBytes - Math.max(ownerSuffix.length, cloneSuffix.length);

/** RDS creates or reserves these. */
const reservedDatabases = ["postgres", "rdsadmin", "template0", "template1"];
/** The administrator, and words that PostgreSQL refuses as names; its own roles start with pg_, RDS's with rds. */
const reservedUsers = ["todo_admin", "postgres", "public", "none", "current_user", "session_user", "user"];

/** The database, the service's user and the role that owns the tables. In ASCII, so that a character is a byte. */
export function readDatabaseNames(reader: ConfigReader) {
  const databaseName = reader.text("databaseName");
  if (!/^[a-z][a-z0-9_]*$/.test(databaseName) || databaseName.length > maxNameBytes) {
    reader.refuse("databaseName", `a-z, 0-9 and _, starting with a letter, at most ${maxNameBytes} characters`);
  } else if (reservedDatabases.includes(databaseName)) {
    reader.refuse("databaseName", "another name: PostgreSQL or RDS reserves this one");
  }
  const username = reader.text("username");
  const accepted = acceptedUsername(username);
  if (accepted !== undefined) reader.refuse("username", accepted);
  return { databaseName, username, ownerRole: username + ownerSuffix };
}

/**
 * What is accepted instead of a name that no user may have.
 *
 * @returns undefined for a name that a user may have
 */
export function acceptedUsername(name: unknown): string | undefined {
  if (typeof name !== "string" || !/^[a-z_][a-z0-9_]*$/.test(name) || name.length > longestUsername) {
    return (
      `a-z, 0-9 and _, not starting with a digit, 1 to ${longestUsername} characters: ` +
      `PostgreSQL allows ${maxNameBytes}, including ${cloneSuffix} at the end`
    );
  }
  if (reservedUsers.includes(name) || /^(pg_|rds)/.test(name)) {
    return "another name: PostgreSQL, RDS or the database's administrator uses this one";
  }
  if (name.endsWith(cloneSuffix)) {
    return `a name that does not end in ${cloneSuffix}: the second of two alternating users has that ending`;
  }
  return undefined;
}
