import {
  InvalidSecretError,
  parseJsonObject,
  readKeys,
  readOptionalString,
  readString,
  type SecretJson,
  SecretKeyError,
} from "./secret-json";

/**
 * The JSON of a secret that holds an HTTP service's API key, shared by its readers and the rotation function:
 *
 *     {"apiKey": "…", "host": "api.example.com"}
 *
 * The rotation function's own settings say where the key is sent; that is never read from here. Keys not named here are
 * kept.
 */
export interface ApiKeySecret {
  /** 1 to 4096 visible ASCII characters, as an HTTP header carries them. */
  readonly apiKey: string;
  /** For readers. If given, it must be the host that the rotation function is allowed to call. */
  readonly host?: string;
}

/** What a reader gets: the checked keys, and the whole object with its unknown keys. */
export interface ParsedApiKeySecret {
  readonly secret: ApiKeySecret;
  readonly json: SecretJson;
}

export class InvalidApiKeyError extends SecretKeyError {}

/** Every wrong or missing key of one value, in one error. */
export class InvalidApiKeySecretError extends InvalidSecretError {}

const apiKeyPattern = /^[\x21-\x7e]{1,4096}$/;

/** Whether a header can carry the text. Anything else could split the request or be quoted in an error. */
export function isApiKey(text: string): boolean {
  return apiKeyPattern.test(text);
}

/**
 * @param text the SecretString
 * @param name how errors name the value, for example "AWSPENDING of arn:aws:secretsmanager:…"
 * @throws SecretNotJsonError, InvalidApiKeySecretError; no message holds any part of the text
 */
export function parseApiKeySecret(text: string, name: string): ParsedApiKeySecret {
  const json = parseJsonObject(text, name);
  const { apiKey, host } = readKeys(name, InvalidApiKeySecretError, {
    apiKey: () => readApiKey(json),
    host: () => readOptionalString(json, "host"),
  });
  return { secret: { apiKey, ...(host !== undefined && { host }) }, json };
}

function readApiKey(json: SecretJson): string {
  const value = readString(json, "apiKey");
  if (isApiKey(value)) return value;
  const accepted = "1 to 4096 visible ASCII characters, without spaces";
  throw new InvalidApiKeyError("apiKey", "a string that an HTTP header cannot carry", accepted);
}
