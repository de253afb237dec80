import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "pg";
import { type Connection, type ConnectSettings, type Login, newConnection, timeLeftMs } from "./connection";
import type { RotationError } from "./errors";
import {
  DatabaseNotFoundError,
  DatabaseTlsError,
  DatabaseUnavailableError,
  LoginNotPermittedError,
  MissingPrivilegeError,
  ReadOnlyDatabaseError,
  StatementFailedError,
} from "./errors";

/** Aurora takes about 15 s to resume from auto-pause, 30 s after a long pause; a connection must wait that long. */
const connectTimeoutMs = 45_000;
const connectRetryMs = 500;
/** The server refuses the credential: a wrong password or an unknown user, it does not say which. */
const wrongCredentialSqlState = "28P01";
/** No entry in pg_hba.conf, TLS demanded, a role without LOGIN: no other credential of the same user would help. */
const notPermittedSqlState = "28000";
/** Too many connections, starting up, shutting down, crashed: the same login may succeed in a moment. */
const unavailableSqlStates = new Set(["53300", "57P01", "57P02", "57P03"]);
const transientNetworkErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
]);
const noSuchDatabaseSqlState = "3D000";
const readOnlySqlState = "25006";
const insufficientPrivilegeSqlState = "42501";

/** A role that runs as its owner role may not change its own password. */
const asItself = "set local role none; set local search_path = pg_catalog";

/**
 * Logs in over verified TLS, with no fallback to plaintext.
 *
 * @returns undefined when the server refuses the credential (28P01), and for no other reason
 * @throws DatabaseUnavailableError without an answer within the time left, LoginNotPermittedError, DatabaseTlsError,
 *   DatabaseNotFoundError, ReadOnlyDatabaseError
 */
export async function logIn(login: Login, settings: ConnectSettings): Promise<Session | undefined> {
  const deadline = Date.now() + Math.min(connectTimeoutMs, timeLeftMs(settings));
  const server = `${login.host}:${login.port}`;
  for (;;) {
    const connection = newConnection(login, settings, Math.max(1, deadline - Date.now()));
    try {
      await connection.client.connect();
    } catch (error) {
      await connection.end();
      if (error instanceof DatabaseError && error.code === wrongCredentialSqlState) return undefined;
      if (error instanceof DatabaseError && error.code === notPermittedSqlState) throw notPermitted(server, login);
      if (error instanceof DatabaseError && error.code === noSuchDatabaseSqlState) throw notFound(server, login);
      if (!isTransient(error)) throw connectionError(server, error);
      if (Date.now() + connectRetryMs >= deadline) throw unavailable(server, error);
      await sleep(connectRetryMs); // a new client resolves the name again: a failover moves it
      continue;
    }
    return Session.start(connection, server, login.username);
  }
}

/** One authenticated connection. SQL text and driver messages never leave it: they may hold a verifier or a password. */
export class Session {
  private constructor(
    private readonly connection: Connection,
    private readonly server: string,
    readonly username: string,
  ) {}

  /** @throws ReadOnlyDatabaseError */
  static async start(connection: Connection, server: string, username: string): Promise<Session> {
    connection.client.on("error", ignore); // a connection lost between two statements fails the next one
    const session = new Session(connection, server, username);
    try {
      const [row] = await session.query<{ standby: boolean }>("select pg_catalog.pg_is_in_recovery() as standby");
      if (row?.standby !== false) throw readOnly(server);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async query<Row extends object = object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return await this.connection.query<Row>(sql, values);
    } catch (error) {
      if (isTimeout(error)) await this.close(); // a rollback would wait just as long, in vain
      throw this.statementError(error);
    }
  }

  /**
   * Runs the work as one transaction, as the login role itself and with no name that the database's users made in the
   * search path; any error rolls everything back.
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.query(`begin; ${asItself}`);
      const result = await work();
      await this.query("commit");
      return result;
    } catch (error) {
      await this.query("rollback").catch(ignore);
      throw error;
    }
  }

  /** Within a transaction: undoes what `set local role` and `set local search_path` did. */
  async reset(): Promise<void> {
    await this.query(asItself);
  }

  identifier(name: string): string {
    return this.connection.client.escapeIdentifier(name);
  }

  literal(text: string): string {
    return this.connection.client.escapeLiteral(text);
  }

  async close(): Promise<void> {
    await this.connection.end();
  }

  private statementError(error: unknown): RotationError {
    if (isTransient(error)) return unavailable(this.server, error);
    const sqlState = error instanceof DatabaseError ? error.code : undefined;
    if (sqlState === readOnlySqlState) return readOnly(this.server);
    if (sqlState === insufficientPrivilegeSqlState) {
      return new MissingPrivilegeError(this.server, codeOf(error), "a role with the privilege for this statement");
    }
    return new StatementFailedError(this.server, codeOf(error), "a statement that the server accepts");
  }
}

/** A SQLSTATE, a Node.js error code, or the error's kind: never its message. */
function codeOf(error: unknown): string {
  if (error instanceof DatabaseError) return `SQLSTATE ${error.code ?? "unknown"}`;
  if (isTimeout(error)) return "no answer in time";
  if (isHangUp(error)) return "a closed connection";
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.name : "an unknown error");
}

// pg gives no code to these two.
function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout/i.test(error.message);
}

function isHangUp(error: unknown): boolean {
  return error instanceof Error && /connection terminated|not queryable/i.test(error.message);
}

function isTransient(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    const sqlState = error.code ?? "";
    return unavailableSqlStates.has(sqlState) || sqlState.startsWith("08");
  }
  return transientNetworkErrors.has((error as NodeJS.ErrnoException).code ?? "") || isTimeout(error) || isHangUp(error);
}

function connectionError(server: string, error: unknown): RotationError {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const isTls = code.startsWith("ERR_TLS") || code.startsWith("ERR_SSL") || /CERT|SIGNATURE|ISSUER/.test(code);
  if (isTls || (error instanceof Error && error.message.includes("SSL"))) {
    const received = code === "" ? "a server without TLS" : code;
    return new DatabaseTlsError(server, received, "TLS with a certificate of PGSSLROOTCERT's CAs for this host name");
  }
  return unavailable(server, error);
}

function notPermitted(server: string, { username, dbname }: Login): LoginNotPermittedError {
  const accepted = `a server whose pg_hba.conf lets this user into ${dbname} over TLS, and a role with LOGIN`;
  return new LoginNotPermittedError(`user ${username} at ${server}`, "a refusal (28000)", accepted);
}

function notFound(server: string, { dbname }: Login): DatabaseNotFoundError {
  const accepted = "one that exists; make it as the administrator (create database), or name another";
  return new DatabaseNotFoundError(`database ${dbname} at ${server}`, "none of that name (3D000)", accepted);
}

function unavailable(server: string, error: unknown): DatabaseUnavailableError {
  const accepted = "a PostgreSQL server that answers in time; check its state, the subnets and the security groups";
  return new DatabaseUnavailableError(server, codeOf(error), accepted);
}

function readOnly(server: string): ReadOnlyDatabaseError {
  return new ReadOnlyDatabaseError(server, "a server that is in recovery (read-only)", "the cluster's writer endpoint");
}

function ignore(): void {
  // The connection is being given up; how it ends does not matter.
}
