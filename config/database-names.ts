import type { ConfigReader } from "./reader";

/** PostgreSQL cuts a longer name, without a word. */
const longestName = 63;
/** What is appended: of the role that owns the tables, and of the second of two alternating users. */
const ownerSuffix = "_owner";
const cloneSuffix = "_clone";
const longestUsername = longestName - Math.max(ownerSuffix.length, cloneSuffix.length);

/** RDS makes or keeps these itself. */
const reservedDatabases = ["postgres", "rdsadmin", "template0", "template1"];
/** The administrator, PostgreSQL's and RDS's own; the rest of PostgreSQL's start with pg_. */
const reservedUsers = ["todo_admin", "postgres", "rdsadmin", "public", "none", "current_user", "session_user", "user"];

/** What the database's names are, in ASCII, so that a character is a byte. */
export function readDatabaseNames(reader: ConfigReader) {
  const databaseName = reader.text("databaseName");
  if (!/^[a-z][a-z0-9_]*$/.test(databaseName) || databaseName.length > longestName) {
    reader.refuse("databaseName", `a-z, 0-9 and _, a letter first, of ${longestName} characters at most`);
  } else if (reservedDatabases.includes(databaseName)) {
    reader.refuse("databaseName", "any other: this database is PostgreSQL's or RDS's own");
  }
  return { databaseName, ...readUsername(reader) };
}

function readUsername(reader: ConfigReader) {
  const username = reader.text("username");
  const ownerRole = username + ownerSuffix;
  if (!/^[a-z][a-z0-9_]*$/.test(username) || username.length > longestUsername) {
    const accepted = `a-z, 0-9 and _, a letter first, of ${longestUsername} characters at most`;
    reader.refuse("username", `${accepted}: PostgreSQL has room for ${longestName}, with ${cloneSuffix} behind`);
  } else if (reservedUsers.includes(username) || /^(pg_|rds_)/.test(username)) {
    reader.refuse("username", "any other: this role is PostgreSQL's, RDS's, or the administrator");
  } else if (username.endsWith(cloneSuffix)) {
    reader.refuse("username", `a name that does not end in ${cloneSuffix}: the second of two alternating users has it`);
  }
  return { username, ownerRole };
}
