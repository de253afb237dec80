import {
  InvalidSecretError,
  kindOf,
  MissingKeyError,
  parseJsonObject,
  readKeys,
  readOptionalString,
  readString,
  type SecretJson,
  SecretKeyError,
} from "./secret-json";

/**
 * The JSON of the database secret: the one contract between the infrastructure, the rotation function and the service.
 * It has AWS's own shape for a database secret, so AWS's rotation functions, RDS Proxy and client libraries read it too.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
export interface DatabaseCredentials {
  readonly engine: Engine;
  /** A DNS name or IP address. Never a path: the PostgreSQL driver would treat that as a Unix socket. */
  readonly host: string;
  /** 1–65535. Written as a number; a string of digits is accepted too. */
  readonly port: number;
  readonly dbname: string;
  /** At most 63 bytes: PostgreSQL silently truncates longer names. */
  readonly username: string;
  readonly password: string;
  readonly dbClusterIdentifier?: string;
  /** ARN of the superuser secret; alternating users only. */
  readonly masterarn?: string;
}

export type Engine = (typeof engines)[number];

/** What a reader gets: the checked credentials, and the whole object with its unknown keys. */
export interface ParsedDatabaseCredentials {
  readonly credentials: DatabaseCredentials;
  readonly json: SecretJson;
}

const engines = ["postgres", "aurora-postgresql"] as const;

/** Engines that AWS's documentation names. Unlike the secret's other values, these are safe to repeat in an error. */
const otherEngines = new Set(["mysql", "mariadb", "aurora-mysql", "oracle", "sqlserver", "mongo", "db2", "redshift"]);

const defaultPort = 5432;

export const maxNameBytes = 63;

export class InvalidHostError extends SecretKeyError {}
export class InvalidPortError extends SecretKeyError {}
export class UnknownEngineError extends SecretKeyError {}
export class NameTooLongError extends SecretKeyError {}

/** Every wrong or missing key of one value, in one error. */
export class InvalidDatabaseCredentialsError extends InvalidSecretError {}

/**
 * Parses and checks a secret's text.
 *
 * @param text the SecretString
 * @param secret how errors name the value, for example "AWSPENDING of arn:aws:secretsmanager:…"
 * @throws SecretNotJsonError, InvalidDatabaseCredentialsError; no message holds any part of the text
 */
export function parseDatabaseCredentials(text: string, secret: string): ParsedDatabaseCredentials {
  const json = parseJsonObject(text, secret);
  const { dbClusterIdentifier, masterarn, ...required } = readKeys(secret, InvalidDatabaseCredentialsError, {
    engine: () => readEngine(json),
    host: () => readHost(json),
    port: () => readPort(json),
    dbname: () => readName(json, "dbname"),
    username: () => readName(json, "username"),
    password: () => readString(json, "password"),
    dbClusterIdentifier: () => readOptionalString(json, "dbClusterIdentifier"),
    masterarn: () => readOptionalString(json, "masterarn"),
  });
  return {
    credentials: {
      ...required,
      ...(dbClusterIdentifier !== undefined && { dbClusterIdentifier }),
      ...(masterarn !== undefined && { masterarn }),
    },
    json,
  };
}

/**
 * Parses a superuser secret. RDS writes only `username` and `password` into the secrets it manages; where to connect
 * comes from the application's own secret, never from here.
 *
 * @throws SecretNotJsonError, InvalidDatabaseCredentialsError
 */
export function parseSuperuserCredentials(text: string, secret: string): { username: string; password: string } {
  const json = parseJsonObject(text, secret);
  return readKeys(secret, InvalidDatabaseCredentialsError, {
    username: () => readName(json, "username"),
    password: () => readString(json, "password"),
  });
}

function readEngine(json: SecretJson): Engine {
  const value = readString(json, "engine");
  const engine = engines.find((name) => name === value);
  if (engine === undefined) {
    const received = otherEngines.has(value) ? `"${value}"` : "the name of an unknown engine";
    throw new UnknownEngineError("engine", received, engines.map((name) => `"${name}"`).join(" or "));
  }
  return engine;
}

function readHost(json: SecretJson): string {
  const value = readString(json, "host");
  if (!/^[\w.:-]+$/.test(value)) {
    throw new InvalidHostError("host", "a string that is not a host name", "a DNS name or an IP address");
  }
  return value;
}

function readPort(json: SecretJson): number {
  const accepted = `a whole number from 1 to 65535, such as ${defaultPort}`;
  const value = json.port;
  if (value === undefined || value === null) throw new MissingKeyError("port", "nothing", accepted);
  const isDecimal = typeof value === "number" || (typeof value === "string" && /^\d{1,5}$/.test(value));
  const port = isDecimal ? Number(value) : NaN;
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    const received = typeof value === "number" ? "a number out of range" : `${kindOf(value)} that is not a port`;
    throw new InvalidPortError("port", received, accepted);
  }
  return port;
}

function readName(json: SecretJson, field: string): string {
  const value = readString(json, field);
  const bytes = Buffer.byteLength(value);
  if (bytes > maxNameBytes) {
    throw new NameTooLongError(field, `${bytes} bytes`, `at most ${maxNameBytes} bytes`);
  }
  return value;
}
