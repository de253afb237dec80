import assert from "node:assert/strict";
import { findCredentials } from "./credentials";

describe("findCredentials", () => {
  for (const [what, value] of [
    ["a password property", { masterPassword: "example-password-1" }],
    ["a secret's value", { nested: [{ secretString: "{}" }] }],
    ["a connection string", { url: "postgres://todo:example-password-1@host/db" }],
    ["JSON with a password in it", { input: '{"username":"todo","password":"example-password-1"}' }],
    ["an access key", { environment: { KEY: `AKIA${"EXAMPLE".repeat(2)}XX` } }],
    ["a verifier", { sql: "alter role todo password 'SCRAM-SHA-256$4096:x'" }],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.equal(findCredentials(value).length, 1);
    });
  }

  it("allows references", () => {
    const references = {
      manageMasterUserPassword: true,
      secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo",
      masterUserSecretKmsKeyId: "key",
      description: "PostgreSQL credential of the todo service",
    };
    assert.deepEqual(findCredentials(references), []);
  });
});
