import assert from "node:assert/strict";
import { readApiSettings } from "../../rotation-fn/api-settings";
import {
  ImpossiblePasswordSettingsError,
  InvalidSettingError,
  MissingSettingError,
  RotationError,
} from "../../rotation-fn/errors";

const environment = (changes: Record<string, string | undefined> = {}) => ({
  API_ALLOWED_HOST: "api.example.com",
  API_SET_KEY_REQUEST: "PUT https://api.example.com/key",
  API_TEST_KEY_REQUEST: "GET https://api.example.com/account",
  ...changes,
});

function refusal(changes: Record<string, string | undefined>): RotationError {
  try {
    readApiSettings(environment(changes));
  } catch (error) {
    assert(error instanceof RotationError);
    return error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

describe("the settings of an API key's rotation", () => {
  it("have defaults for everything that need not be chosen", () => {
    assert.deepEqual(readApiSettings(environment()), {
      allowedHost: "api.example.com",
      setKey: { method: "PUT", url: "https://api.example.com/key" },
      testKey: { method: "GET", url: "https://api.example.com/account" },
      headerName: "Authorization",
      headerTemplate: "Bearer {key}",
      keyPath: ["key"],
      keySource: "function",
      key: { length: 32, excludeCharacters: "" },
    });
  });

  it("accept a custom header, custom fields and another source", () => {
    const changes = { API_KEY_HEADER: "X-Api-Key: {key}", API_KEY_FIELD: "data.new-key", API_KEY_SOURCE: "service" };
    const { headerName, headerTemplate, keyPath, keySource } = readApiSettings(environment(changes));
    const expected = ["X-Api-Key", "{key}", ["data", "new-key"], "service"];
    assert.deepEqual([headerName, headerTemplate, keyPath, keySource], expected);
  });

  it("accept plain HTTP on this machine, and a port", () => {
    for (const host of ["127.0.0.1:8080", "[::1]:8080"]) {
      const changes = {
        API_ALLOWED_HOST: host,
        API_SET_KEY_REQUEST: `PUT http://${host}/key`,
        API_TEST_KEY_REQUEST: `GET http://${host}/`,
      };
      assert.equal(readApiSettings(environment(changes)).setKey.url, `http://${host}/key`);
    }
  });

  for (const name of ["API_ALLOWED_HOST", "API_SET_KEY_REQUEST", "API_TEST_KEY_REQUEST"]) {
    it(`are refused without ${name}, empty or absent`, () => {
      for (const value of ["", undefined]) {
        const error = refusal({ [name]: value });
        assert(error instanceof MissingSettingError);
        assert.deepEqual([error.field, error.received], [name, "nothing"]);
      }
    });
  }

  const wrong: [name: string, value: string, received: RegExp, accepted: RegExp][] = [
    ["API_SET_KEY_REQUEST", "https://api.example.com/key", /"https:/, /^GET, PATCH, POST, PUT and a URL/],
    ["API_SET_KEY_REQUEST", "DELETE https://api.example.com/key", /"DELETE /, /^GET, PATCH, POST, PUT and a URL/],
    ["API_SET_KEY_REQUEST", "PUT /key", /"PUT \/key"/, /and a URL, such as "PUT https:\/\/api\.example\.com\/key"/],
    ["API_SET_KEY_REQUEST", "PUT http://api.example.com/key", /"PUT http:/, /^an https URL$/],
    ["API_SET_KEY_REQUEST", "PUT http://localhost/key", /"PUT http:/, /^an https URL$/],
    ["API_SET_KEY_REQUEST", "PUT file:///key", /"PUT file:/, /^an https URL$/],
    ["API_SET_KEY_REQUEST", "PUT https://evil.example/key", /^host "evil.example"$/, /^API_ALLOWED_HOST, "api.example/],
    [
      "API_SET_KEY_REQUEST",
      "PUT https://api.example.com:8443/key",
      /^host "api.example.com:8443"$/,
      /API_ALLOWED_HOST/,
    ],
    ["API_SET_KEY_REQUEST", "PUT https://a:b@api.example.com/", /^a URL with a user name or password$/, /without one/],
    ["API_TEST_KEY_REQUEST", "GET https://api.example.com.evil.example/", /^host /, /^API_ALLOWED_HOST/],
    ["API_KEY_HEADER", "X-Api-Key", /"X-Api-Key"/, /\{key\}/],
    ["API_KEY_HEADER", "X-Api-Key: {key} {key}", /"X-Api-Key: /, /\{key\}/],
    ["API_KEY_HEADER", "X-Api-Key: {key}\r\nHost: evil.example", /"X-Api-Key: /, /\{key\}/],
    ["API_KEY_FIELD", "data..key", /"data..key"/, /dots between them/],
    ["API_KEY_SOURCE", "me", /"me"/, /^function or service$/],
  ];
  for (const [name, value, received, accepted] of wrong) {
    it(`are refused with ${name} ${JSON.stringify(value)}, saying what is accepted`, () => {
      const error = refusal({ [name]: value });
      assert(error instanceof InvalidSettingError);
      assert.equal(error.field, name);
      assert.match(error.received, received);
      assert.match(error.accepted, accepted);
    });
  }

  it("are refused with a key that could be guessed", () => {
    const changes = { PASSWORD_LENGTH: "16", EXCLUDE_CHARACTERS: "ABCDEFGHIJKLMNOPQRSTUVWXYZ" };
    assert(refusal(changes) instanceof ImpossiblePasswordSettingsError);
  });
});
