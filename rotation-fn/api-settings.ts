import { type Environment, readOneOf, readOptional, readRequired } from "./environment";
import { InvalidSettingError } from "./errors";
import type { PasswordSettings } from "./password";
import { readPasswordSettings } from "./settings";

/**
 * Where an API key is sent, and in which form. All of it comes from the environment; README.md in this folder lists the
 * variables. None of it comes from the secret: otherwise anyone who can write a version could divert the key.
 */
export interface ApiSettings {
  /** Host, and port if it is not 443. */
  readonly allowedHost: string;
  /** Called with the current key: sets the next one, or asks the service to make it. */
  readonly setKey: ApiRequestLine;
  /** Called with the key under test; answers 2xx if it is valid. */
  readonly testKey: ApiRequestLine;
  readonly headerName: string;
  /** The header's value, with `{key}` where the key goes. */
  readonly headerTemplate: string;
  /** Path of the key in the JSON that setKey sends or answers with: names, outermost first. */
  readonly keyPath: readonly string[];
  /** Who makes the next key. */
  readonly keySource: ApiKeySource;
  /** The format of a key that the function makes. */
  readonly key: PasswordSettings;
}

export interface ApiRequestLine {
  readonly method: string;
  readonly url: string;
}

export type ApiKeySource = (typeof keySources)[number];

const keySources = ["function", "service"] as const;
const methods = ["GET", "PATCH", "POST", "PUT"];
/** For tests and the demo: nothing leaves the machine. Not `localhost`, which may resolve to anything. */
const loopbackHosts = ["127.0.0.1", "[::1]"];

/** @throws MissingSettingError, InvalidSettingError, ImpossiblePasswordSettingsError */
export function readApiSettings(env: Environment): ApiSettings {
  const allowedHost = readRequired(env, "API_ALLOWED_HOST", "the API's host, such as api.example.com");
  return {
    allowedHost,
    setKey: readRequestLine(env, "API_SET_KEY_REQUEST", allowedHost),
    testKey: readRequestLine(env, "API_TEST_KEY_REQUEST", allowedHost),
    ...readHeader(env),
    keyPath: readKeyPath(env),
    keySource: readOneOf(env, "API_KEY_SOURCE", keySources, "function"),
    key: readPasswordSettings(env),
  };
}

function readRequestLine(env: Environment, name: string, allowedHost: string): ApiRequestLine {
  const accepted = `${methods.join(", ")} and a URL, such as "PUT https://${allowedHost}/key"`;
  const line = readRequired(env, name, accepted);
  const [method = "", address = "", ...rest] = line.split(" ");
  if (!methods.includes(method) || rest.length > 0 || !URL.canParse(address)) {
    throw new InvalidSettingError(name, `"${line}"`, accepted);
  }
  const url = new URL(address);
  const isLocal = url.protocol === "http:" && loopbackHosts.includes(url.hostname);
  if (url.protocol !== "https:" && !isLocal) throw new InvalidSettingError(name, `"${line}"`, "an https URL");
  if (url.username !== "" || url.password !== "") {
    throw new InvalidSettingError(name, "a URL with a user name or password", "a URL without one");
  }
  if (url.host !== allowedHost) {
    throw new InvalidSettingError(name, `host "${url.host}"`, `API_ALLOWED_HOST, "${allowedHost}"`);
  }
  return { method, url: url.href };
}

function readHeader(env: Environment): Pick<ApiSettings, "headerName" | "headerTemplate"> {
  const header = readOptional(env, "API_KEY_HEADER") ?? "Authorization: Bearer {key}";
  const { name, value } = /^(?<name>[A-Za-z0-9-]+): (?<value>[\x21-\x7e][\x20-\x7e]*)$/.exec(header)?.groups ?? {};
  if (name === undefined || value?.split("{key}").length !== 2) {
    throw new InvalidSettingError(
      "API_KEY_HEADER",
      `"${header}"`,
      'a header with {key} in it, such as "X-Api-Key: {key}"',
    );
  }
  return { headerName: name, headerTemplate: value };
}

function readKeyPath(env: Environment): readonly string[] {
  const path = readOptional(env, "API_KEY_FIELD") ?? "key";
  if (/^[\w-]+(\.[\w-]+)*$/.test(path)) return path.split(".");
  const accepted = "names of JSON fields with dots between them, such as data.key";
  throw new InvalidSettingError("API_KEY_FIELD", `"${path}"`, accepted);
}
