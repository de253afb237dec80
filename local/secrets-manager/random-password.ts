import { randomInt } from "node:crypto";
import { invalidParameter } from "./api-error";
import type { Input } from "./input";

const classes = {
  ExcludeUppercase: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  ExcludeLowercase: "abcdefghijklmnopqrstuvwxyz",
  ExcludeNumbers: "0123456789",
  ExcludePunctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
} as const;

/** GetRandomPassword. A space is only allowed, never required. */
export function getRandomPassword(input: Input): { RandomPassword: string } {
  const length = input.optionalInteger("PasswordLength") ?? 32;
  if (length < 1 || length > 4096) throw invalidParameter("PasswordLength must be within 1-4096.");
  const excluded = new Set(input.optionalString("ExcludeCharacters"));
  const keep = (characters: string) =>
    Array.from(characters)
      .filter((character) => !excluded.has(character))
      .join("");
  const included = Object.entries(classes)
    .filter(([exclude]) => !input.optionalBoolean(exclude))
    .map(([, characters]) => keep(characters));
  const pool = included.join("") + keep(input.optionalBoolean("IncludeSpace") ? " " : "");
  const required = (input.optionalBoolean("RequireEachIncludedType") ?? true) ? included : [];
  if (pool === "") throw invalidParameter("All characters have been excluded from selection.");
  if (required.includes("")) throw invalidParameter("All characters of the desired type have been excluded.");
  if (required.length > length) {
    throw invalidParameter("Password length is too short based on the required types.");
  }
  const fromPool = Array.from({ length: length - required.length }, () => pool);
  return { RandomPassword: shuffled([...required, ...fromPool].map(pick)).join("") };
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

/** Inserts each at a random place: the required characters must not come first. */
function shuffled(items: readonly string[]): readonly string[] {
  const result: string[] = [];
  for (const item of items) result.splice(randomInt(result.length + 1), 0, item);
  return result;
}
