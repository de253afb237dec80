import { Pool } from "pg";
import { configOf, type ComparedClient } from "./settings";

/**
 * The common workshop recipe: ECS injects the secret when the task starts, and the pool is created from it once. Only
 * the next task gets the next credential.
 */
export function injectedCredential(env: NodeJS.ProcessEnv): ComparedClient {
  const pool = new Pool(configOf(env.DATABASE_SECRET ?? "", env));
  pool.on("error", () => undefined); // an idle session that ends
  return { query: (text, values) => pool.query(text, [...values]) };
}
