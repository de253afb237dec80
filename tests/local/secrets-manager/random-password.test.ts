import type { GetRandomPasswordCommandInput } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { secretsManagerForTests } from "../../support/secrets-manager";

const classes = [/[A-Z]/, /[a-z]/, /[0-9]/, /[!-/:-@[-`{-~]/];

describe("GetRandomPassword", () => {
  const sm = secretsManagerForTests();

  async function password(request: GetRandomPasswordCommandInput = {}): Promise<string> {
    return (await sm.client.getRandomPassword(request)).RandomPassword ?? "";
  }

  it("returns 32 printable ASCII characters without a space by default, different each time", async () => {
    const made = await Promise.all([password(), password()]);
    for (const text of made) assert.match(text, /^[!-~]{32}$/);
    assert.notEqual(made[0], made[1]);
  });

  it("holds one character of each included type by default, in any place", async () => {
    const made = await Promise.all(Array.from({ length: 40 }, () => password({ PasswordLength: 4 })));
    for (const text of made) for (const type of classes) assert.match(text, type);
    for (const type of classes) assert.ok(new Set(made.map((text) => text.search(type))).size > 1);
  });

  it("may lack a type with RequireEachIncludedType false", async () => {
    const text = await password({ PasswordLength: 3, RequireEachIncludedType: false });
    assert.equal(text.length, 3);
  });

  it("accepts a length of 1 to 4096 only", async () => {
    assert.equal((await password({ PasswordLength: 4096 })).length, 4096);
    assert.equal((await password({ PasswordLength: 1, RequireEachIncludedType: false })).length, 1);
    for (const PasswordLength of [0, 4097]) {
      await assert.rejects(password({ PasswordLength }), { name: "InvalidParameterException" });
    }
  });

  it("leaves out what is excluded, and allows a space when requested", async () => {
    const PasswordLength = 4096;
    const digits = { ExcludeUppercase: true, ExcludeLowercase: true, ExcludePunctuation: true };
    assert.match(await password({ PasswordLength, ...digits }), /^[0-9]+$/);
    assert.match(await password({ PasswordLength, ...digits, ExcludeCharacters: "01234" }), /^[5-9]+$/);
    assert.match(await password({ PasswordLength, ...digits, IncludeSpace: true }), /^[0-9 ]* [0-9 ]*$/);
    assert.match(await password({ PasswordLength, ExcludeNumbers: true }), /^[^0-9]+$/);
  });

  const unsatisfiable: [request: GetRandomPasswordCommandInput, message: string][] = [
    [{ PasswordLength: 3 }, "Password length is too short based on the required types."],
    [{ ExcludeCharacters: "0123456789" }, "All characters of the desired type have been excluded."],
    [
      { ExcludeNumbers: true, ExcludeUppercase: true, ExcludeLowercase: true, ExcludePunctuation: true },
      "All characters have been excluded from selection.",
    ],
  ];
  for (const [request, message] of unsatisfiable) {
    it(`with impossible requirements answers InvalidParameterException: ${message}`, async () => {
      await assert.rejects(password(request), { name: "InvalidParameterException", message });
    });
  }
});
