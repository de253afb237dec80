import {
  type DatabaseSecretEntry,
  type DatabaseStrategyName,
  databaseSecretsVariable,
} from "../../contract/database-secrets";
import { readApiSettings } from "../api-settings";
import { type Environment, readOptional, readRequired } from "../environment";
import { InvalidSettingError, MissingSettingError } from "../errors";
import type { SecretStore } from "../secret-store";
import { readSettings } from "../settings";
import type { Strategy } from "../strategy";
import { alternatingUsers } from "./alternating-users";
import { apiKey } from "./api-key";
import { type DatabaseStrategy, databaseStrategy } from "./database";
import { singleUser } from "./single-user";

/** How one secret is rotated. */
export interface ConfiguredSecret {
  /** The strategy's name. */
  readonly name: string;
  readonly strategy: Strategy;
}

/** What the function's environment says: which secrets it rotates, and how. */
export interface ConfiguredSecrets {
  /** The environment variable that names the secrets. */
  readonly secretVariable: string;
  /** By the secret's full ARN. No other secret is ever rotated. */
  readonly secrets: ReadonlyMap<string, ConfiguredSecret>;
}

/** @param openSecret gives access to a secret by its ARN: one that the environment names, and no other */
type OpenSecret = (secretArn: string) => SecretStore;
type ReadSecrets = (env: Environment, openSecret: OpenSecret) => ReadonlyMap<string, ConfiguredSecret>;

/** By the variable that names the secrets. */
const kinds: Readonly<Record<string, ReadSecrets>> = {
  [databaseSecretsVariable]: readDatabaseStrategies,
  API_KEY_SECRET_ARN: (env) => {
    const secretArn = readRequired(env, "API_KEY_SECRET_ARN", "the ARN of the secret to rotate");
    return new Map([[secretArn, { name: "api-key", strategy: apiKey(readApiSettings(env)) }]]);
  },
};

const databaseStrategies: Readonly<Record<DatabaseStrategyName, DatabaseStrategy>> = {
  "single-user": singleUser,
  "alternating-users": alternatingUsers,
};

/** @throws MissingSettingError, InvalidSettingError, ImpossiblePasswordSettingsError */
export function readStrategies(env: Environment, openSecret: OpenSecret): ConfiguredSecrets {
  const [kind, ...others] = Object.entries(kinds).filter(([name]) => readOptional(env, name) !== undefined);
  const names = Object.keys(kinds).join(" or ");
  if (kind === undefined) throw new MissingSettingError(names, "nothing", "one of them: which secrets to rotate");
  if (others.length > 0) throw new InvalidSettingError(names, "more than one", "one of them: which secrets to rotate");
  const [secretVariable, readSecrets] = kind;
  return { secretVariable, secrets: readSecrets(env, openSecret) };
}

function readDatabaseStrategies(env: Environment, openSecret: OpenSecret): ReadonlyMap<string, ConfiguredSecret> {
  const settings = readSettings(env);
  const { superuserSecretArn } = settings;
  const superuserStore = superuserSecretArn === undefined ? undefined : openSecret(superuserSecretArn);
  const configure = (entry: DatabaseSecretEntry): [string, ConfiguredSecret] => {
    const strategy = databaseStrategy(databaseStrategies[entry.strategy], { entry, settings, superuserStore });
    return [entry.secretArn, { name: entry.strategy, strategy }];
  };
  return new Map(settings.secrets.map(configure));
}
