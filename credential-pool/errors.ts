import { DatabaseError } from "pg";

/**
 * The database did not answer in time, no login succeeded, or a transaction lost its session before its COMMIT was
 * sent. Nothing was done.
 */
export class DatabaseUnavailableError extends Error {
  /** The transaction may be repeated if there was one, otherwise the statement. */
  readonly mayRepeat = true;

  constructor(
    /** What came instead of an answer: a SQLSTATE, a network error's code, a timeout. Never a message with values. */
    readonly received: string,
    accepted = "a session of a PostgreSQL server that accepts the credential",
  ) {
    super(`database: received ${received}; accepted is ${accepted}`);
    this.name = new.target.name;
  }
}

/** The session ended during a write or a COMMIT: whether it was done is unknown. */
export class OutcomeUnknownError extends Error {
  readonly mayRepeat = false;

  constructor(
    /** As above. */
    readonly received: string,
  ) {
    super(`database: received ${received} during a write; it is not known whether the write was done`);
    this.name = new.target.name;
  }
}

/** What a failed attempt to log in means. */
export type ConnectFailure = "credential refused" | "try again" | "give up";

/** The value of `received` when the server is silent. */
export const noAnswer = "no answer in time";

const refusedSqlStates = new Set(["28P01", "28000"]);
/** Shutting down, crashed, starting up, database dropped, idle for too long, in a transaction for too long. */
const sessionEndSqlStates = new Set(["57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"]);
const tooManyConnectionsSqlState = "53300";
const readOnlySqlState = "25006";
const networkErrors = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "EHOSTUNREACH"]);

export function classifyConnectFailure(error: unknown): ConnectFailure {
  const sqlState = sqlStateOf(error);
  if (refusedSqlStates.has(sqlState)) return "credential refused";
  return isSessionEnd(error) || sqlState === tooManyConnectionsSqlState ? "try again" : "give up";
}

/** A login, a session or the wait for an answer ended, so it is unknown what the server made of the statement. */
export function isSessionEnd(error: unknown): boolean {
  const sqlState = sqlStateOf(error);
  if (sqlState !== "") return sessionEndSqlStates.has(sqlState) || sqlState.startsWith("08");
  const isNetworkError = networkErrors.has((error as NodeJS.ErrnoException).code ?? "");
  return isNetworkError || isNotSent(error) || messageMatches(error, /connection terminated|timeout/);
}

/** The session had ended before the statement could be sent. */
export function isNotSent(error: unknown): boolean {
  return messageMatches(error, /not queryable/);
}

/** A write on a read-only server: a failover has just turned the writer into a reader. */
export function isReadOnly(error: unknown): boolean {
  return sqlStateOf(error) === readOnlySqlState;
}

/** A SQLSTATE, a Node.js error code, or the error's kind. Never its message, which may quote values. */
export function codeOf(error: unknown): string {
  if (error instanceof DatabaseError) return `SQLSTATE ${error.code ?? "unknown"}`;
  if (messageMatches(error, /timeout/)) return noAnswer;
  if (messageMatches(error, /connection terminated|not queryable/)) return "a closed connection";
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.name : "an unknown error");
}

function sqlStateOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.code ?? "") : "";
}

/** pg gives these errors no code. */
function messageMatches(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && !(error instanceof DatabaseError) && pattern.test(error.message.toLowerCase());
}
