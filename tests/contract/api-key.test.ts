import assert from "node:assert/strict";
import { InvalidApiKeySecretError, isApiKey, parseApiKeySecret } from "../../contract/api-key";
import { SecretNotJsonError } from "../../contract/secret-json";

const name = "AWSCURRENT of arn:aws:secretsmanager:us-east-1:123456789012:secret:example";
const parse = (value: unknown) => parseApiKeySecret(JSON.stringify(value), name);

describe("the secret of an API key", () => {
  it("holds a key, optionally a host, and anything else", () => {
    assert.deepEqual(parse({ apiKey: "example-key-1" }).secret, { apiKey: "example-key-1" });
    const value = { apiKey: "example-key-1", host: "api.example.com", account: 7 };
    assert.deepEqual(parse(value), { secret: { apiKey: "example-key-1", host: "api.example.com" }, json: value });
  });

  const wrong: [value: object, findings: string[]][] = [
    [{}, ["MissingKeyError apiKey"]],
    [{ apiKey: null }, ["MissingKeyError apiKey"]],
    [{ apiKey: 7, host: ["a"] }, ["WrongTypeError apiKey", "WrongTypeError host"]],
    [{ apiKey: "" }, ["WrongTypeError apiKey"]],
    [{ apiKey: "with space" }, ["InvalidApiKeyError apiKey"]],
    [{ apiKey: "split\r\nHost: evil.example" }, ["InvalidApiKeyError apiKey"]],
    [{ apiKey: "schlüssel" }, ["InvalidApiKeyError apiKey"]],
    [{ apiKey: "x".repeat(4097) }, ["InvalidApiKeyError apiKey"]],
  ];
  for (const [value, findings] of wrong) {
    it(`is refused as ${JSON.stringify(value).slice(0, 40)}, and no error shows any of it`, () => {
      assert.throws(
        () => parse(value),
        (error) => {
          assert(error instanceof InvalidApiKeySecretError);
          assert.deepEqual(
            error.errors.map(({ name: kind, field }) => `${kind} ${field}`),
            findings,
          );
          assert(error.message.startsWith(`${name}: `));
          assert(!/evil|schl|with space|xxxx/.test(error.message));
          return true;
        },
      );
    });
  }

  it("is refused when it is not a JSON object", () => {
    for (const text of ["example-key-1", '"example-key-1"', "[]", "null"]) {
      assert.throws(() => parseApiKeySecret(text, name), SecretNotJsonError);
    }
  });

  it("may have a key of at most 4096 characters", () => {
    assert.deepEqual([isApiKey("x".repeat(4096)), isApiKey("x".repeat(4097)), isApiKey("")], [true, false, false]);
  });
});
