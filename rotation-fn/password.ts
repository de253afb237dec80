import { randomInt } from "node:crypto";
import { ImpossiblePasswordSettingsError, InvalidSettingError } from "./errors";

export interface PasswordSettings {
  /** In characters. */
  readonly length: number;
  /** Characters that no password may contain. */
  readonly excludeCharacters: string;
}

/** URL-safe (RFC 3986, unreserved), so that a password needs no escaping in a connection URI, a shell or JSON. */
const characterClasses = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "-._~"];

const minLength = 16;
/** Far below what PostgreSQL and its clients take (libpq reads passwords of up to 1,000 bytes), far above any need. */
const maxLength = 128;
/** Out of reach of an offline attack on a leaked verifier. */
const minEntropyBits = 96;

/**
 * Checks the settings before anything is changed.
 *
 * @throws InvalidSettingError, ImpossiblePasswordSettingsError
 */
export function checkPasswordSettings(settings: PasswordSettings): void {
  const { length } = settings;
  if (!Number.isInteger(length) || length < minLength || length > maxLength) {
    const accepted = `a whole number from ${minLength} to ${maxLength} (characters)`;
    throw new InvalidSettingError("PASSWORD_LENGTH", String(length), accepted);
  }
  const alphabetSize = allowedClasses(settings).join("").length;
  const entropyBits = alphabetSize === 0 ? 0 : Math.floor(length * Math.log2(alphabetSize));
  if (entropyBits < minEntropyBits) {
    throw new ImpossiblePasswordSettingsError(
      "PASSWORD_LENGTH and EXCLUDE_CHARACTERS",
      `a length of ${length} and ${alphabetSize} characters left, ${entropyBits} bits`,
      `at least ${minEntropyBits} bits: a longer password or fewer excluded characters`,
    );
  }
}

/**
 * A random password: uniform over all strings of this length that hold at least one character of every class with any
 * allowed characters (upper case, lower case, digits, punctuation).
 */
export function generatePassword(settings: PasswordSettings): string {
  const classes = allowedClasses(settings);
  const alphabet = classes.join("");
  for (;;) {
    // Drawing again, instead of placing one of each class, keeps the draw unbiased. It takes 1.2 draws on average.
    const password = Array.from({ length: settings.length }, () => alphabet.charAt(randomInt(alphabet.length))).join(
      "",
    );
    if (classes.every((characters) => Array.from(characters).some((character) => password.includes(character)))) {
      return password;
    }
  }
}

function allowedClasses({ excludeCharacters }: PasswordSettings): string[] {
  return characterClasses
    .map((characters) =>
      Array.from(characters)
        .filter((character) => !excludeCharacters.includes(character))
        .join(""),
    )
    .filter((characters) => characters !== "");
}
