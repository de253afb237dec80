import assert from "node:assert/strict";
import { devNull } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { InvalidSettingError, MissingSettingError, type RotationError } from "../../rotation-fn/errors";
import { readSettings } from "../../rotation-fn/settings";
import { temporaryFolder } from "../support/temporary-folder";

const folder = temporaryFolder();

function environment(changes: Record<string, string | undefined> = {}) {
  return {
    DATABASE_SECRETS: "arn:example,todo,owner,single-user arn:other,r%2Cports,read-only,alternating-users",
    OWNER_ROLE: "todo_owner",
    PGSSLROOTCERT: folder.write("ca.pem", rootCertificates.join("\n")),
    ...changes,
  };
}

function refusal(changes: Record<string, string | undefined>): RotationError {
  try {
    readSettings(environment(changes));
  } catch (error) {
    assert(error instanceof MissingSettingError || error instanceof InvalidSettingError);
    return error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

describe("the function's settings", () => {
  it("have defaults for everything that need not be chosen", () => {
    const { secureContext, ...settings } = readSettings(environment());
    assert(secureContext.context);
    assert.deepEqual(settings, {
      secrets: [
        { secretArn: "arn:example", username: "todo", access: "owner", strategy: "single-user" },
        { secretArn: "arn:other", username: "r,ports", access: "read-only", strategy: "alternating-users" },
      ],
      superuserSecretArn: undefined,
      implementation: "custom",
      ownerRole: "todo_owner",
      tlsServername: undefined,
      password: { length: 32, excludeCharacters: "" },
      passwordEncryption: "scram-sha-256",
    });
  });

  for (const name of ["DATABASE_SECRETS", "OWNER_ROLE"]) {
    it(`are refused without ${name}, empty or absent`, () => {
      for (const value of ["", undefined]) {
        const error = refusal({ [name]: value });
        assert(error instanceof MissingSettingError);
        assert.deepEqual([error.field, error.received], [name, "nothing"]);
      }
    });
  }

  type Wrong = [name: string, value: string, received: RegExp, accepted: RegExp];
  const wrong: Wrong[] = [
    ...[
      "arn:example",
      "arn:example,todo,owner,multi-user",
      "arn:example,todo,admin,single-user",
      "arn:example,,owner,single-user",
      "arn:example,%,owner,single-user",
      `arn:example,${"u".repeat(64)},owner,single-user`,
      "arn:example,todo,owner,single-user,more",
      "example,todo,owner,single-user",
      "arn:example,todo,owner,single-user arn:example,other,owner,single-user",
      "arn:example,todo,owner,single-user arn:other,todo,owner,single-user",
      "arn:example,todo,owner,single-user ",
    ].map((value) => ["DATABASE_SECRETS", value, /^"/, /owner\|read-write\|read-only.*no user twice/] as Wrong),
    ["ROTATION_IMPLEMENTATION", "aws", /"aws"/, /^custom or aws-provided$/],
    ["PASSWORD_ENCRYPTION", "md5", /"md5"/, /^scram-sha-256 or server$/],
    ["PASSWORD_LENGTH", "long", /"long"/, /whole number/],
    ["PASSWORD_LENGTH", "8", /8/, /from 16 to 128/],
    ["PGSSLROOTCERT", join(devNull, "missing.pem"), /ENOTDIR/, /PEM/],
    ["PGSSLROOTCERT", devNull, /without a certificate/, /PEM/],
  ];
  for (const [name, value, received, accepted] of wrong) {
    it(`are refused with ${name} "${value}", saying what is accepted`, () => {
      const error = refusal({ [name]: value });
      assert.equal(error.field, name);
      assert.match(error.received, received);
      assert.match(error.accepted, accepted);
    });
  }
});
