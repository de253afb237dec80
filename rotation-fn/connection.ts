import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { checkServerIdentity, type SecureContext } from "node:tls";
import { Client } from "pg";

/** Where to connect and as which user. Always the endpoint of AWSCURRENT or of bootstrap's input, and no other. */
export interface Login {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
}

export interface ConnectSettings {
  /** Trusts the database's certificate authorities, and no others. */
  readonly secureContext: SecureContext;
  readonly tlsServername: string | undefined;
  /** Time left of Lambda's own limit. */
  readonly remainingTimeMs: () => number;
}

/** Kept in reserve, so that the error names the database instead of "Task timed out". */
const reservedMs = 3_000;
/** The ALTERs take milliseconds; only another rotation of the same user can hold one up. */
const lockTimeoutMs = 20_000;
const statementTimeoutMs = 30_000;
/**
 * A server that never notices that this function is gone would keep the user's lock for hours. Longer than anything
 * done between two statements, which includes the bootstrap function's other connections.
 */
const idleInTransactionTimeoutMs = 60_000;
/** A server that disappeared silently does not answer a goodbye either. */
const goodbyeMs = 1_000;

/** The time left, at least 1 ms: pg takes 0 as no timeout at all. */
export function timeLeftMs({ remainingTimeMs }: ConnectSettings): number {
  return Math.max(1, remainingTimeMs() - reservedMs);
}

/** pg's client, with a time limit on everything it does. */
export interface Connection {
  readonly client: Client;
  query<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]>;
  end(): Promise<void>;
}

/** Not connected yet. TLS is verified in full. */
export function newConnection(login: Login, settings: ConnectSettings, timeoutMs: number): Connection {
  const name = settings.tlsServername ?? login.host;
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    host: login.host,
    port: login.port,
    database: login.dbname,
    user: login.username,
    password: login.password,
    connectionTimeoutMillis: timeoutMs,
    lock_timeout: lockTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    application_name: "todo-rotation",
    ssl: {
      secureContext: settings.secureContext,
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    },
  });
  return {
    client,
    async query<Row extends object>(sql: string, values: readonly unknown[]) {
      const query_timeout = Math.min(statementTimeoutMs + 1_000, timeLeftMs(settings));
      const statement = { text: sql, values: [...values], query_timeout }; // pg accepts query_timeout, its types do not
      return (await client.query<Row>(statement)).rows;
    },
    async end() {
      await Promise.race([client.end().catch(ignore), sleep(goodbyeMs, undefined, { ref: false })]);
      socket.destroy();
    },
  };
}

function ignore(): void {
  // The connection is being given up; how it ends does not matter.
}
