import { readFileSync } from "node:fs";
import { Client, DatabaseError } from "pg";
import type { PostgresServer } from "../local/postgres";

/** One version of the database secret, as far as the demo uses it. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  readonly dbname: string;
}

const refusedSqlState = "28P01";

/**
 * Logs in as an application would, under another name: the server's log then distinguishes these logins from the
 * function's.
 *
 * @param say a text that the session selects, so that the server's log holds it
 * @returns whether the server accepts the credential
 * @throws Error when the login fails for any other reason
 */
export async function logsIn(server: PostgresServer, credential: Credential, say?: string): Promise<boolean> {
  const client = new Client({
    host: server.host,
    port: server.port,
    database: credential.dbname,
    user: credential.username,
    password: credential.password,
    ssl: { ca: readFileSync(server.caFile) },
    application_name: "todo-rotation-demo",
  });
  try {
    await client.connect();
  } catch (error) {
    if (error instanceof DatabaseError && error.code === refusedSqlState) return false;
    throw error;
  }
  if (say !== undefined) await client.query(`select ${client.escapeLiteral(say)}`);
  await client.end();
  return true;
}
