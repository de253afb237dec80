import { readApiSettings } from "../api-settings";
import { type Environment, readOneOf, readRequired } from "../environment";
import type { SecretStore } from "../secret-store";
import { type DatabaseStrategyName, readSettings } from "../settings";
import type { Strategy } from "../strategy";
import { alternatingUsers } from "./alternating-users";
import { apiKey } from "./api-key";
import { type DatabaseStrategy, databaseStrategy } from "./database";
import { singleUser } from "./single-user";

interface StrategyDefinition {
  /** The environment variable that holds the ARN of the secret. */
  readonly secretVariable: string;
  /** @param openSecret gives access to a secret by its ARN: one that the environment names, and no other */
  readonly create: (env: Environment, openSecret: (secretArn: string) => SecretStore) => Strategy;
}

/** By the name that ROTATION_STRATEGY gives. */
const strategies: Readonly<Record<DatabaseStrategyName | "api-key", StrategyDefinition>> = {
  "single-user": database(singleUser),
  "alternating-users": database(alternatingUsers),
  "api-key": { secretVariable: "API_KEY_SECRET_ARN", create: (env) => apiKey(readApiSettings(env)) },
};

/** What the function's environment says: which secret it rotates, and how. */
export interface ConfiguredStrategy {
  readonly name: string;
  /** The only secret that is ever rotated. */
  readonly secretArn: string;
  readonly secretVariable: string;
  readonly strategy: Strategy;
}

/** @throws MissingSettingError, InvalidSettingError, ImpossiblePasswordSettingsError */
export function readStrategy(env: Environment, openSecret: (secretArn: string) => SecretStore): ConfiguredStrategy {
  const name = readOneOf(env, "ROTATION_STRATEGY", Object.keys(strategies) as (keyof typeof strategies)[]);
  const { secretVariable, create } = strategies[name];
  const secretArn = readRequired(env, secretVariable, "the ARN of the secret to rotate");
  return { name, secretArn, secretVariable, strategy: create(env, openSecret) };
}

function database(strategy: DatabaseStrategy): StrategyDefinition {
  return {
    secretVariable: "DATABASE_SECRET_ARN",
    create: (env, openSecret) => {
      const settings = readSettings(env);
      const { superuserSecretArn } = settings;
      const superuserStore = superuserSecretArn === undefined ? undefined : openSecret(superuserSecretArn);
      return databaseStrategy(strategy, { settings, superuserStore });
    },
  };
}
