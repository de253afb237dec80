import assert from "node:assert/strict";
import { InvalidSettingError, readSettings } from "../../todo-app/settings";
import { temporaryFolder } from "../support/temporary-folder";

describe("the todo service's settings", () => {
  const folder = temporaryFolder();
  const pem = "-----BEGIN CERTIFICATE-----\nexample\n-----END CERTIFICATE-----\n";
  let environment: Record<string, string>;

  before(() => {
    environment = { DATABASE_SECRET_ARN: "arn:example", PGSSLROOTCERT: folder.write("ca.pem", pem) };
  });

  it("have defaults for everything but the secret and the authorities", () => {
    assert.deepEqual(readSettings(environment), {
      host: "127.0.0.1",
      port: 8080,
      credential: { secretArn: "arn:example" },
      certificateAuthorities: pem,
      connectionMaxUses: undefined,
    });
  });

  it("include every variable, and treat an empty one as missing", () => {
    const settings = readSettings({
      ...environment,
      ...{ HOST: "::", PORT: "0", DATABASE_CONNECTION_MAX_USES: "100" },
      ...{ DATABASE_SECRET: "{}", DATABASE_SECRET_ARN: "" },
    });
    assert.deepEqual(settings, {
      host: "::",
      port: 0,
      credential: { injectedText: "{}" },
      certificateAuthorities: pem,
      connectionMaxUses: 100,
    });
  });

  const wrong: Record<string, [changes: Record<string, string>, message: RegExp]> = {
    "a port out of range": [{ PORT: "65536" }, /^PORT: received "65536"; accepted is a whole number from 0 to 65535$/],
    "a port in words": [{ PORT: "http" }, /^PORT: received "http"/],
    "no uses": [{ DATABASE_CONNECTION_MAX_USES: "0" }, /^DATABASE_CONNECTION_MAX_USES: received "0"/],
    "no secret": [{ DATABASE_SECRET_ARN: "" }, /: received neither; accepted is exactly one of the two/],
    "two secrets": [{ DATABASE_SECRET: "example-password-1" }, /^(?!.*example-password)DATABASE.*: received both/],
    "no authorities": [{ PGSSLROOTCERT: "" }, /^PGSSLROOTCERT: received nothing/],
    "authorities that are not there": [{ PGSSLROOTCERT: "/nowhere.pem" }, /^PGSSLROOTCERT: .*ENOENT/],
    "a file of no authority": [{ PGSSLROOTCERT: "/dev/null" }, /without a certificate/],
  };
  for (const [what, [changes, message]] of Object.entries(wrong)) {
    it(`are refused with ${what}`, () => {
      assert.throws(
        () => readSettings({ ...environment, ...changes }),
        (error) => error instanceof InvalidSettingError && message.test(error.message),
      );
    });
  }
});
