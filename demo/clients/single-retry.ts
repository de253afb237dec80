import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Client, DatabaseError, Pool } from "pg";
import { configOf, type ComparedClient } from "./settings";

const refusedSqlState = "28P01";

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
