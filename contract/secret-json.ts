/*
 * How every secret's value is read: a JSON object, every key checked, one error for all wrong keys. No error holds any
 * part of the value.
 */

/** One wrong key of the secret. `received` says what kind of value was there, never the value itself. */
export abstract class SecretKeyError extends Error {
  constructor(
    readonly field: string,
    readonly received: string,
    readonly accepted: string,
  ) {
    super(`${field}: received ${received}, accepted is ${accepted}`);
    this.name = new.target.name;
  }
}

export class MissingKeyError extends SecretKeyError {}
export class WrongTypeError extends SecretKeyError {}

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

/** Every wrong or missing key of one secret value, in one error. `errors` holds one SecretKeyError for each key. */
export abstract class InvalidSecretError extends Error {
  readonly field: string;
  readonly received: string;
  readonly accepted: string;

  constructor(
    readonly secret: string,
    readonly errors: readonly SecretKeyError[],
  ) {
    super(`${secret}: ${errors.map(({ message }) => message).join("; ")}`);
    this.name = new.target.name;
    this.field = errors.map(({ field }) => field).join(", ");
    this.received = errors.map(({ received }) => received).join(", ");
    this.accepted = errors.map(({ accepted }) => accepted).join(", ");
  }
}

export type SecretJson = Readonly<Record<string, unknown>>;

/** @throws SecretNotJsonError */
export function parseJsonObject(text: string, secret: string): SecretJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SecretNotJsonError(secret, "text that is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SecretNotJsonError(secret, `JSON that is ${kindOf(value)}`);
  }
  return value as SecretJson;
}

/**
 * Runs every reader, so that one error can report every key.
 *
 * @param Invalid the class of that error
 */
export function readKeys<T>(
  secret: string,
  Invalid: new (secret: string, errors: readonly SecretKeyError[]) => InvalidSecretError,
  readers: { readonly [K in keyof T]: () => T[K] },
): T {
  const errors: SecretKeyError[] = [];
  const values: Partial<T> = {};
  for (const key of Object.keys(readers) as (keyof T)[]) {
    try {
      values[key] = readers[key]();
    } catch (error) {
      if (!(error instanceof SecretKeyError)) throw error;
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new Invalid(secret, errors);
  return values as T;
}

/** @throws MissingKeyError, WrongTypeError */
export function readString(json: SecretJson, field: string): string {
  const value = readOptionalString(json, field);
  if (value === undefined) throw new MissingKeyError(field, "nothing", "a string");
  return value;
}

/** @throws WrongTypeError */
export function readOptionalString(json: SecretJson, field: string): string | undefined {
  const value = json[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new WrongTypeError(field, kindOf(value), "a string");
  if (value === "") throw new WrongTypeError(field, "an empty string", "a string of at least one character");
  if (value.includes("\0")) throw new WrongTypeError(field, "a string with a NUL character", "a string without one");
  return value;
}

/** What kind of thing a value is, for an error that may not show it. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
