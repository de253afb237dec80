import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Pool } from "pg";
import { pino } from "pino";
import { parseDatabaseCredentials } from "../contract/database-credentials";
import { createApp } from "../todo-app/app";
import type { CredentialPool } from "../credential-pool";

/*
 * The todo service on a plain pg.Pool with the credential in DATABASE_SECRET, for comparison with the real service's
 * pool. Everything else is the same.
 */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const { credentials } = parseDatabaseCredentials(env.DATABASE_SECRET ?? "", "DATABASE_SECRET");
  const { host, port, dbname: database, username: user, password } = credentials;
  const ssl = { ca: readFileSync(env.PGSSLROOTCERT ?? "", "utf8") };
  const pool = new Pool({ ...{ host, port, database, user, password, ssl }, max: 10 });
  const app = createApp({
    database: pool as unknown as CredentialPool,
    publicFolder: join(__dirname, "../dist/todo-app/public"),
    logger: pino({ base: undefined, timestamp: pino.stdTimeFunctions.isoTime }),
  });
  process.once("SIGTERM", () => process.exit(0));
  await app.listen({ host: "127.0.0.1", port: 0, listenTextResolver: (address) => `listening on ${address}` });
}

void main(process.env);
