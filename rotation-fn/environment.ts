import { InvalidSettingError, MissingSettingError } from "./errors";

/** Environment variables, as process.env. An empty one counts as missing. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function readOptional(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

/** @throws MissingSettingError */
export function readRequired(env: Environment, name: string, accepted: string): string {
  const value = readOptional(env, name);
  if (value === undefined) throw new MissingSettingError(name, "nothing", accepted);
  return value;
}

/** @throws MissingSettingError, InvalidSettingError */
export function readOneOf<T extends string>(env: Environment, name: string, accepted: readonly T[], fallback?: T): T {
  const value = readOptional(env, name) ?? fallback;
  const found = accepted.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const list = accepted.join(" or ");
  if (value === undefined) throw new MissingSettingError(name, "nothing", list);
  throw new InvalidSettingError(name, `"${value}"`, list);
}

/** @throws InvalidSettingError */
export function readWholeNumber(env: Environment, name: string, fallback: number): number {
  const value = readOptional(env, name);
  if (value === undefined) return fallback;
  if (!/^\d+$/.test(value)) throw new InvalidSettingError(name, `"${value}"`, "a whole number");
  return Number(value);
}
