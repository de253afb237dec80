import assert from "node:assert/strict";
import { ImpossiblePasswordSettingsError, InvalidSettingError } from "../../rotation-fn/errors";
import { checkPasswordSettings, generatePassword } from "../../rotation-fn/password";

const defaults = { length: 32, excludeCharacters: "" };
const upperAndLower = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

describe("a generated password", () => {
  it("has the length, only URL-safe ASCII, and a character of every class", () => {
    for (let round = 0; round < 500; round++) {
      const password = generatePassword({ ...defaults, length: 16 });
      assert.match(password, /^[\w.~-]{16}$/);
      for (const characters of [/[A-Z]/, /[a-z]/, /\d/, /[-._~]/]) assert.match(password, characters);
      assert.equal(encodeURIComponent(password), password);
    }
  });

  it("holds no excluded character, and no class that is excluded entirely", () => {
    const password = generatePassword({ length: 128, excludeCharacters: `${upperAndLower}-._~` });
    assert.match(password, /^\d{128}$/);
  });

  it("uses every allowed character about as often as any other", () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 2000; round++) {
      for (const character of generatePassword(defaults)) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    assert.equal(counts.size, 66);
    // 64,000 draws over 66 characters: 970 each, standard deviation 31. Punctuation is a little more frequent, because
    // passwords without any are drawn again. Ten deviations either way distinguish bias from luck.
    for (const [character, count] of counts) assert(count > 660 && count < 1280, `${character}: ${count}`);
  });

  it("is different each time", () => {
    assert.equal(new Set(Array.from({ length: 100 }, () => generatePassword(defaults))).size, 100);
  });
});

describe("the password's settings", () => {
  it("are accepted from 16 characters on", () => {
    checkPasswordSettings({ ...defaults, length: 16 });
    checkPasswordSettings({ ...defaults, length: 128 });
  });

  for (const length of [0, 15, 129, 20.5, NaN]) {
    it(`are refused with a length of ${length}`, () => {
      assert.throws(() => {
        checkPasswordSettings({ ...defaults, length });
      }, InvalidSettingError);
    });
  }

  it("are refused when they leave too few passwords, with the figures", () => {
    assert.throws(
      () => {
        checkPasswordSettings({ length: 20, excludeCharacters: `${upperAndLower}-._~` });
      },
      (error) => {
        assert(error instanceof ImpossiblePasswordSettingsError);
        assert.equal(error.field, "PASSWORD_LENGTH and EXCLUDE_CHARACTERS");
        assert.equal(error.received, "a length of 20 and 10 characters left, 66 bits");
        return true;
      },
    );
  });

  it("are refused when every character is excluded", () => {
    assert.throws(() => {
      checkPasswordSettings({ length: 32, excludeCharacters: `${upperAndLower}0123456789-._~` });
    }, ImpossiblePasswordSettingsError);
  });
});
