import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import {
  type DatabaseSecretEntries,
  databaseSecretsFormat,
  databaseSecretsVariable,
  parseDatabaseSecrets,
} from "../contract/database-secrets";
import { type Environment, readOneOf, readOptional, readRequired, readWholeNumber } from "./environment";
import { InvalidSettingError } from "./errors";
import { checkPasswordSettings, type PasswordSettings } from "./password";

/**
 * The checked environment of the functions that log in to a database. Fields are named after the variables, which
 * README.md in this folder lists.
 */
export interface Settings {
  /** The secrets to rotate, each with its one user; no other secret is rotated. The first is the service's own. */
  readonly secrets: DatabaseSecretEntries;
  /** The only superuser secret that is ever read. */
  readonly superuserSecretArn: string | undefined;
  /** Whose function rotates. Bootstrap sets up the login roles for it. */
  readonly implementation: RotationImplementation;
  /** NOLOGIN role that owns schema and tables; login roles with access "owner" run as it. */
  readonly ownerRole: string;
  /** Trusts the database's certificate authorities, and no others. */
  readonly secureContext: SecureContext;
  /** The name that the server's certificate must have if it is not the host's, for example behind a CNAME. */
  readonly tlsServername: string | undefined;
  readonly password: PasswordSettings;
  /** Who turns the password into a verifier: this function, or (only for servers without SCRAM) the server. */
  readonly passwordEncryption: PasswordEncryption;
}

export type RotationImplementation = (typeof rotationImplementations)[number];

const rotationImplementations = ["custom", "aws-provided"] as const;

export type PasswordEncryption = (typeof passwordEncryptions)[number];

const passwordEncryptions = ["scram-sha-256", "server"] as const;

/** Where Lambda's Node.js runtimes keep every Amazon CA; since Node 20 they no longer load it by default. */
const lambdaCaFile = "/var/runtime/ca-cert.pem";

/** @throws MissingSettingError, InvalidSettingError, ImpossiblePasswordSettingsError */
export function readSettings(env: Environment): Settings {
  return {
    secrets: readDatabaseSecrets(env),
    superuserSecretArn: readOptional(env, "SUPERUSER_SECRET_ARN"),
    implementation: readOneOf(env, "ROTATION_IMPLEMENTATION", rotationImplementations, "custom"),
    ownerRole: readRequired(env, "OWNER_ROLE", "the NOLOGIN role that owns the tables, such as todo_owner"),
    secureContext: readCertificateAuthorities(readOptional(env, "PGSSLROOTCERT") ?? lambdaCaFile),
    tlsServername: readOptional(env, "TLS_SERVERNAME"),
    password: readPasswordSettings(env),
    passwordEncryption: readOneOf(env, "PASSWORD_ENCRYPTION", passwordEncryptions, "scram-sha-256"),
  };
}

/**
 * The format of generated passwords and API keys.
 *
 * @throws InvalidSettingError, ImpossiblePasswordSettingsError
 */
export function readPasswordSettings(env: Environment): PasswordSettings {
  const settings = {
    length: readWholeNumber(env, "PASSWORD_LENGTH", 32),
    excludeCharacters: env.EXCLUDE_CHARACTERS ?? "",
  };
  checkPasswordSettings(settings);
  return settings;
}

/**
 * The one setting that every entry point needs.
 *
 * @throws MissingSettingError, InvalidSettingError
 */
export function readDatabaseSecrets(env: Environment): DatabaseSecretEntries {
  const text = readRequired(env, databaseSecretsVariable, databaseSecretsFormat);
  const secrets = parseDatabaseSecrets(text);
  if (secrets) return secrets;
  const accepted = `${databaseSecretsFormat}, no secret and no user twice`;
  throw new InvalidSettingError(databaseSecretsVariable, `"${text}"`, accepted);
}

function readCertificateAuthorities(file: string): SecureContext {
  let ca: string;
  try {
    ca = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "an error";
    throw new InvalidSettingError("PGSSLROOTCERT", `${file}, ${code}`, "a readable PEM file of the database's CAs");
  }
  if (!ca.includes("-----BEGIN CERTIFICATE-----")) {
    throw new InvalidSettingError("PGSSLROOTCERT", `${file} without a certificate`, "a PEM file of the database's CAs");
  }
  return createSecureContext({ ca, minVersion: "TLSv1.2" });
}
