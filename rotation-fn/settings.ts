import { readFileSync } from "node:fs";
import { InvalidSettingError, MissingSettingError } from "./errors";
import { checkPasswordSettings, type PasswordSettings } from "./password";
import { strategies, type StrategyName } from "./strategies";

/** The function's environment, checked. Names are those of the variables; README.md beside this file lists them. */
export interface Settings {
  readonly databaseSecretArn: string;
  /** The only superuser secret that is ever read. */
  readonly superuserSecretArn: string | undefined;
  readonly strategy: StrategyName;
  /** NOLOGIN role that owns schema and tables; the login roles run as it. */
  readonly ownerRole: string;
  /** PEM. */
  readonly certificateAuthorities: string;
  /** The name that the server's certificate must bear when it is not the host's, as behind a CNAME. */
  readonly tlsServername: string | undefined;
  readonly password: PasswordSettings;
  /** Who turns the password into a verifier: this function, or (only for servers without SCRAM) the server. */
  readonly passwordEncryption: PasswordEncryption;
}

export type PasswordEncryption = (typeof passwordEncryptions)[number];

const passwordEncryptions = ["scram-sha-256", "server"] as const;

/** Where Lambda's Node.js runtimes keep every Amazon CA; since Node 20 they no longer load it by themselves. */
const lambdaCaFile = "/var/runtime/ca-cert.pem";

/**
 * @param env as process.env
 * @throws MissingSettingError, InvalidSettingError, ImpossiblePasswordSettingsError
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const password = {
    length: readWholeNumber(env, "PASSWORD_LENGTH", 32),
    excludeCharacters: env.EXCLUDE_CHARACTERS ?? "",
  };
  checkPasswordSettings(password);
  return {
    databaseSecretArn: readDatabaseSecretArn(env),
    superuserSecretArn: readOptional(env, "SUPERUSER_SECRET_ARN"),
    strategy: readOneOf(env, "ROTATION_STRATEGY", Object.keys(strategies) as StrategyName[]),
    ownerRole: readRequired(env, "OWNER_ROLE", "the NOLOGIN role that owns the tables, such as todo_owner"),
    certificateAuthorities: readCertificateAuthorities(readOptional(env, "PGSSLROOTCERT") ?? lambdaCaFile),
    tlsServername: readOptional(env, "TLS_SERVERNAME"),
    password,
    passwordEncryption: readOneOf(env, "PASSWORD_ENCRYPTION", passwordEncryptions, "scram-sha-256"),
  };
}

type Environment = Parameters<typeof readSettings>[0];

/**
 * The one setting that every entry point needs.
 *
 * @throws MissingSettingError
 */
export function readDatabaseSecretArn(env: Environment): string {
  return readRequired(env, "DATABASE_SECRET_ARN", "the ARN of the secret to rotate");
}

function readOptional(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

function readRequired(env: Environment, name: string, accepted: string): string {
  const value = readOptional(env, name);
  if (value === undefined) throw new MissingSettingError(name, "nothing", accepted);
  return value;
}

function readOneOf<T extends string>(env: Environment, name: string, accepted: readonly T[], fallback?: T): T {
  const value = readOptional(env, name) ?? fallback;
  const found = accepted.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const list = accepted.join(" or ");
  if (value === undefined) throw new MissingSettingError(name, "nothing", list);
  throw new InvalidSettingError(name, `"${value}"`, list);
}

function readWholeNumber(env: Environment, name: string, fallback: number): number {
  const value = readOptional(env, name);
  if (value === undefined) return fallback;
  if (!/^\d+$/.test(value)) throw new InvalidSettingError(name, `"${value}"`, "a whole number");
  return Number(value);
}

function readCertificateAuthorities(file: string): string {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "an error";
    throw new InvalidSettingError("PGSSLROOTCERT", `${file}, ${code}`, "a readable PEM file of the database's CAs");
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) {
    throw new InvalidSettingError("PGSSLROOTCERT", `${file} without a certificate`, "a PEM file of the database's CAs");
  }
  return pem;
}
