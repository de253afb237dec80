import { readFileSync } from "node:fs";
import type { PoolConfig, QueryResult } from "pg";
import { parseDatabaseCredentials } from "../../contract/database-credentials";

/** A database client as the compared service uses it. */
export interface ComparedClient {
  query(text: string, values: readonly unknown[]): Promise<QueryResult>;
}

/** The same pool as the todo service's, except for where its credential comes from. */
export function configOf(secret: string, env: NodeJS.ProcessEnv): PoolConfig {
  const { host, port, dbname, username, password } = parseDatabaseCredentials(secret, "AWSCURRENT").credentials;
  return {
    ...{ host, port, database: dbname, user: username, password },
    ssl: { ca: readFileSync(env.PGSSLROOTCERT ?? "", "utf8") },
    max: 10,
    maxUses: Number(env.DATABASE_CONNECTION_MAX_USES ?? Infinity),
    application_name: "compared-client",
  };
}
