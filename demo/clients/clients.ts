import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { readFileSync } from "node:fs";
import { Client, DatabaseError, Pool, type PoolConfig, type QueryResult } from "pg";
import { parseDatabaseCredentials } from "../../contract/database-credentials";

/** A database client as the compared service uses it. */
export interface ComparedClient {
  query(text: string, values: readonly unknown[]): Promise<QueryResult>;
}

const refusedSqlState = "28P01";

/**
 * The common workshop recipe: ECS injects the secret when the task starts, and the pool is created from it once. Only
 * the next task gets the next credential.
 */
export function injectedCredential(env: NodeJS.ProcessEnv): ComparedClient {
  const pool = new Pool(configOf(env.DATABASE_SECRET ?? "", env));
  pool.on("error", () => undefined); // an idle session that ends
  return { query: (text, values) => pool.query(text, [...values]) };
}

/**
 * The pattern of many services: when the database refuses the credential, read the secret again and retry once,
 * immediately. This is its best form: one read for all waiting requests, and one pool that takes each new credential.
 */
export async function singleRetry(env: NodeJS.ProcessEnv): Promise<ComparedClient> {
  const secretsManager = new SecretsManagerClient({});
  const readSecret = async (): Promise<string> => {
    const { SecretString = "" } = await secretsManager.send(
      new GetSecretValueCommand({ SecretId: env.DATABASE_SECRET_ARN }),
    );
    return SecretString;
  };
  let secret = await readSecret();
  let reading: Promise<void> | undefined;
  const refetch = (): Promise<void> =>
    (reading ??= readSecret()
      .then((text) => void (secret = text))
      .finally(() => (reading = undefined)));

  const pool = new Pool({
    ...configOf(secret, env),
    Client: class extends Client {
      constructor() {
        super(configOf(secret, env));
      }
    },
  });
  pool.on("error", () => undefined); // an idle session that ends
  return {
    async query(text, values) {
      try {
        return await pool.query(text, [...values]);
      } catch (error) {
        if (!(error instanceof DatabaseError && error.code === refusedSqlState)) throw error;
        await refetch();
        return pool.query(text, [...values]);
      }
    },
  };
}

/** The same pool as the todo service's, except for where its credential comes from. */
function configOf(secret: string, env: NodeJS.ProcessEnv): PoolConfig {
  const { host, port, dbname, username, password } = parseDatabaseCredentials(secret, "AWSCURRENT").credentials;
  return {
    ...{ host, port, database: dbname, user: username, password },
    ssl: { ca: readFileSync(env.PGSSLROOTCERT ?? "", "utf8") },
    max: 10,
    maxUses: Number(env.DATABASE_CONNECTION_MAX_USES ?? Infinity),
    application_name: "compared-client",
  };
}
