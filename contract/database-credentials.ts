/**
 * The JSON of the database secret, the one contract between the infrastructure, the rotation function and the service.
 * Shape: AWS's own for a database secret, so that AWS's rotation functions, RDS Proxy and client libraries read it too.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
export interface DatabaseCredentials {
  readonly engine: Engine;
  /** A DNS name or IP address. Never a path: the PostgreSQL driver would take that for a Unix socket. */
  readonly host: string;
  /** 1–65535. Written as a number; a string of digits is read as well. */
  readonly port: number;
  readonly dbname: string;
  /** At most 63 bytes: PostgreSQL truncates longer names without a word. */
  readonly username: string;
  readonly password: string;
  readonly dbClusterIdentifier?: string;
  /** ARN of the superuser secret; alternating users only. */
  readonly masterarn?: string;
}

export type Engine = (typeof engines)[number];

/** What a reader gets: the checked credentials, and the whole object that they stood in, unknown keys included. */
export interface ParsedDatabaseCredentials {
  readonly credentials: DatabaseCredentials;
  readonly json: Readonly<Record<string, unknown>>;
}

const engines = ["postgres", "aurora-postgresql"] as const;

/** Engines that AWS's documentation names: safe to repeat in an error, as no other value of the secret is. */
const otherEngines = new Set(["mysql", "mariadb", "aurora-mysql", "oracle", "sqlserver", "mongo", "db2", "redshift"]);

const defaultPort = 5432;

export const maxNameBytes = 63;

/** One key of the secret that is wrong. `received` says what kind of thing stood there, never the value itself. */
export abstract class CredentialKeyError extends Error {
  constructor(
    readonly field: string,
    readonly received: string,
    readonly accepted: string,
  ) {
    super(`${field}: received ${received}, accepted is ${accepted}`);
    this.name = new.target.name;
  }
}

export class MissingKeyError extends CredentialKeyError {}
export class WrongTypeError extends CredentialKeyError {}
export class InvalidHostError extends CredentialKeyError {}
export class InvalidPortError extends CredentialKeyError {}
export class UnknownEngineError extends CredentialKeyError {}
export class NameTooLongError extends CredentialKeyError {}

/** The value is not a JSON object. The parser's own message is withheld: it quotes the text, password included. */
export class SecretNotJsonError extends Error {
  readonly field = "SecretString";
  readonly accepted = "a JSON object";

  constructor(
    readonly secret: string,
    readonly received: string,
  ) {
    super(`${secret}: SecretString: received ${received}, accepted is a JSON object`);
    this.name = new.target.name;
  }
}

/** Every wrong or missing key of one secret value, in one error. `errors` holds one CredentialKeyError a key. */
export class InvalidDatabaseCredentialsError extends Error {
  readonly field: string;
  readonly received: string;
  readonly accepted: string;

  constructor(
    readonly secret: string,
    readonly errors: readonly CredentialKeyError[],
  ) {
    super(`${secret}: ${errors.map(({ message }) => message).join("; ")}`);
    this.name = new.target.name;
    this.field = errors.map(({ field }) => field).join(", ");
    this.received = errors.map(({ received }) => received).join(", ");
    this.accepted = errors.map(({ accepted }) => accepted).join(", ");
  }
}

/**
 * Parses and checks a secret's text.
 *
 * @param text the SecretString
 * @param secret how errors name the value, for example "AWSPENDING of arn:aws:secretsmanager:…"
 * @throws SecretNotJsonError, InvalidDatabaseCredentialsError; no message holds any part of the text
 */
export function parseDatabaseCredentials(text: string, secret: string): ParsedDatabaseCredentials {
  const json = parseJsonObject(text, secret);
  const { dbClusterIdentifier, masterarn, ...required } = readKeys(secret, {
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
 * Parses a superuser secret. RDS writes only `username` and `password` into the ones that it manages: where to connect
 * comes from the application's own secret, never from here.
 *
 * @throws SecretNotJsonError, InvalidDatabaseCredentialsError
 */
export function parseSuperuserCredentials(text: string, secret: string): { username: string; password: string } {
  const json = parseJsonObject(text, secret);
  return readKeys(secret, {
    username: () => readName(json, "username"),
    password: () => readString(json, "password"),
  });
}

/** Runs every reader, so that one error can tell of every key. */
function readKeys<T>(secret: string, readers: { readonly [K in keyof T]: () => T[K] }): T {
  const errors: CredentialKeyError[] = [];
  const values: Partial<T> = {};
  for (const key of Object.keys(readers) as (keyof T)[]) {
    try {
      values[key] = readers[key]();
    } catch (error) {
      if (!(error instanceof CredentialKeyError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new InvalidDatabaseCredentialsError(secret, errors);
  return values as T;
}

function parseJsonObject(text: string, secret: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SecretNotJsonError(secret, "text that is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SecretNotJsonError(secret, `JSON that is ${kindOf(value)}`);
  }
  return value as Record<string, unknown>;
}

function readEngine(json: Record<string, unknown>): Engine {
  const value = readString(json, "engine");
  const engine = engines.find((name) => name === value);
  if (engine === undefined) {
    const received = otherEngines.has(value) ? `"${value}"` : "a string that names no engine known here";
    throw new UnknownEngineError("engine", received, engines.map((name) => `"${name}"`).join(" or "));
  }
  return engine;
}

function readHost(json: Record<string, unknown>): string {
  const value = readString(json, "host");
  if (!/^[\w.:-]+$/.test(value)) {
    throw new InvalidHostError("host", "a string that is no host name", "a DNS name or an IP address");
  }
  return value;
}

function readPort(json: Record<string, unknown>): number {
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

function readName(json: Record<string, unknown>, field: string): string {
  const value = readString(json, field);
  const bytes = Buffer.byteLength(value);
  if (bytes > maxNameBytes) {
    throw new NameTooLongError(field, `${bytes} bytes`, `at most ${maxNameBytes} bytes`);
  }
  return value;
}

function readString(json: Record<string, unknown>, field: string): string {
  const value = readOptionalString(json, field);
  if (value === undefined) throw new MissingKeyError(field, "nothing", "a string");
  return value;
}

function readOptionalString(json: Record<string, unknown>, field: string): string | undefined {
  const value = json[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new WrongTypeError(field, kindOf(value), "a string");
  if (value === "") throw new WrongTypeError(field, "an empty string", "a string of at least one character");
  if (value.includes("\0")) throw new WrongTypeError(field, "a string with a NUL character", "a string without one");
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
