import assert from "node:assert/strict";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { inspect } from "node:util";
import {
  ImpossiblePasswordSettingsError,
  InvalidSettingError,
  UnhashablePasswordError,
} from "../../rotation-fn/errors";
import { checkPasswordSettings, generatePassword } from "../../rotation-fn/password";
import { logIn } from "../../rotation-fn/postgres";
import { setPassword } from "../../rotation-fn/roles";
import { scramVerifier } from "../../rotation-fn/scram";
import { anyCharacter, check } from "../support/generated";
import { createLoginRole, type LoginRole } from "../support/login-role";

/** What SCRAM hashes without preparation: every printable ASCII character. */
const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 128,
  size: "max", // up to the maximum length, not mostly short
});

describe("any password of printable ASCII", () => {
  let role: LoginRole;

  before(async () => {
    role = await createLoginRole();
  });
  after(() => role.drop());

  const connectSettings = () => ({
    secureContext: createSecureContext({ ca: readFileSync(role.server.caFile, "utf8") }),
    tlsServername: undefined,
    remainingTimeMs: () => 30_000,
  });

  async function logInWith(login: { username: string; password: string }) {
    const { host, port } = role.server;
    return logIn({ host, port, dbname: role.database, ...login }, connectSettings());
  }

  for (const encryption of ["scram-sha-256", "server"] as const) {
    it(`is the only one that logs in once it is set (${encryption})`, async () => {
      const admin = await logInWith(role.server.superuser);
      assert(admin);
      const { username } = role;
      const characters = new Set<string>();
      const property = fc.asyncProperty(printable, printable, async (password, other) => {
        fc.pre(password !== other);
        await setPassword(admin, { username, password, encryption });
        const session = await logInWith({ username, password });
        assert(session, "the password is refused");
        await session.close();
        assert.equal(await logInWith({ username, password: other }), undefined, "another password is taken");
        for (const character of password) characters.add(character);
      });
      await check(property, 12);
      await admin.close();
      assert.equal(characters.size, 95, "not every printable character was tried");
    });
  }
});

describe("any other password", () => {
  it("is refused, and shown in no error", async () => {
    const property = fc.property(fc.string({ unit: anyCharacter, maxLength: 128 }), (text) => {
      const password = `example-canary-of-a-value${text}`;
      if (/^[\x20-\x7e]*$/.test(password)) {
        assert.match(scramVerifier(password), /^SCRAM-SHA-256\$4096:/);
        return;
      }
      try {
        scramVerifier(password);
        assert.fail("it was hashed");
      } catch (error) {
        assert(error instanceof UnhashablePasswordError, inspect(error));
        assert(!inspect(error, { depth: null, showHidden: true }).includes("canary"));
      }
    });
    await check(property, 60);
  });
});

describe("any settings of a password", () => {
  it("lead to passwords that fit them, or are refused before one is generated", async () => {
    const settings = fc.record({
      length: fc.oneof(fc.integer({ min: 16, max: 128 }), fc.integer(), fc.double()),
      excludeCharacters: fc.oneof(
        fc.string({ maxLength: 60 }),
        fc
          .subarray(Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
          .map((list) => list.join("")),
      ),
    });
    let made = 0;
    const property = fc.property(settings, (candidate) => {
      try {
        checkPasswordSettings(candidate);
      } catch (error) {
        assert(error instanceof InvalidSettingError || error instanceof ImpossiblePasswordSettingsError);
        return;
      }
      const password = generatePassword(candidate);
      assert.equal(password.length, candidate.length);
      assert(Array.from(password).every((character) => !candidate.excludeCharacters.includes(character)));
      assert.equal(encodeURIComponent(password), password);
      made += 1;
    });
    await check(property, 300);
    assert(made > 50, `${made} of the settings were accepted`);
  });
});
