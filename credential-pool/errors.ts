import { DatabaseError } from "pg";

/** The database gave no answer in time, or nobody could log in to it. The statement has not run. */
export class DatabaseUnavailableError extends Error {
  constructor(
    /** What came instead of an answer: a SQLSTATE, a network error's code, a timeout. Never a message with values. */
    readonly received: string,
  ) {
    super(`database: received ${received}; accepted is a session of a PostgreSQL server that takes the credential`);
    this.name = new.target.name;
  }
}

/** The session ended while a write was under way: whether it was done is not known. */
export class OutcomeUnknownError extends Error {
  constructor(readonly received: string) {
    super(`database: received ${received} while a write was under way; whether it was done is not known`);
    this.name = new.target.name;
  }
}

/** What a failed attempt to log in means. */
export type ConnectFailure = "credential refused" | "try again" | "give up";

/**
 * What a failed statement means. "session lost": it may have been done. "not run": it was not, and another session may
 * run it. "timed out": it was not, and is not to be tried again. "rejected": the server's answer to this very statement.
 */
export type StatementFailure = "session lost" | "not run" | "timed out" | "no answer" | "rejected";

const refusedSqlStates = new Set(["28P01", "28000"]);
/** Shutting down, crashed, starting up. */
const sessionEndSqlStates = new Set(["57P01", "57P02", "57P03"]);
const tooManyConnectionsSqlState = "53300";
/** A write on a server that is read-only: a writer that a failover has just turned into a reader. */
const readOnlySqlState = "25006";
const statementTimeoutSqlState = "57014";
const networkErrors = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "EHOSTUNREACH"]);

export function classifyConnectFailure(error: unknown): ConnectFailure {
  const sqlState = sqlStateOf(error);
  if (refusedSqlStates.has(sqlState)) return "credential refused";
  return isSessionEnd(error) || sqlState === tooManyConnectionsSqlState ? "try again" : "give up";
}

export function classifyStatementFailure(error: unknown): StatementFailure {
  const sqlState = sqlStateOf(error);
  if (sqlState === readOnlySqlState || messageMatches(error, /not queryable/)) return "not run";
  if (sqlState === statementTimeoutSqlState) return "timed out";
  if (messageMatches(error, /read timeout/)) return "no answer";
  return isSessionEnd(error) ? "session lost" : "rejected";
}

/** A SQLSTATE, a Node.js error code, or the error's kind. Never its message, which may quote values. */
export function codeOf(error: unknown): string {
  if (error instanceof DatabaseError) return `SQLSTATE ${error.code ?? "unknown"}`;
  if (messageMatches(error, /timeout/)) return "no answer in time";
  if (messageMatches(error, /connection terminated|not queryable/)) return "a closed connection";
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.name : "an unknown error");
}

function isSessionEnd(error: unknown): boolean {
  const sqlState = sqlStateOf(error);
  if (sqlState !== "") return sessionEndSqlStates.has(sqlState) || sqlState.startsWith("08");
  const isNetworkError = networkErrors.has((error as NodeJS.ErrnoException).code ?? "");
  return isNetworkError || messageMatches(error, /connection terminated|timeout/);
}

function sqlStateOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.code ?? "") : "";
}

/** pg gives these errors no code. */
function messageMatches(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && !(error instanceof DatabaseError) && pattern.test(error.message.toLowerCase());
}
