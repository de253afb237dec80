/* How a command of `npm run` reads its arguments, and what it says about wrong ones. */

export interface Command<Arguments> {
  /** What --help prints. */
  readonly usage: string;
  /** What follows the message about a wrong argument. @default the usage */
  readonly hint?: string;
  /** @throws Error that says what was received and what is accepted */
  readonly parse: (args: string[]) => Arguments;
  /** @returns the exit status */
  readonly run: (parsed: Arguments) => Promise<number>;
  /** @default console.log */
  readonly write?: (text: string) => void;
  /** @default console.error */
  readonly writeError?: (text: string) => void;
}

/** @returns the exit status: 2 for wrong arguments */
export async function runCommand<Arguments>(args: readonly string[], command: Command<Arguments>): Promise<number> {
  const { usage, hint = usage, parse, run, write = console.log, writeError = console.error } = command;
  if (args.includes("--help")) {
    write(usage);
    return 0;
  }
  let parsed: Arguments;
  try {
    parsed = parse([...args]);
  } catch (error) {
    writeError(`${(error as Error).message}\n\n${hint}`);
    return 2;
  }
  return run(parsed);
}

/** A command does not accept an argument's value. */
export class ArgumentError extends Error {
  constructor(name: string, received: string, accepted: string) {
    super(`${name}: received "${received}"; accepted is ${accepted}`);
  }
}

export function readOneOf<T extends string>(name: string, text: string, accepted: readonly T[]): T {
  const value = accepted.find((one) => one === text);
  if (value === undefined) throw new ArgumentError(name, text, `one of ${accepted.join(", ")}`);
  return value;
}

export function readWholeNumber(name: string, text: string, from: number, to: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (number >= from && number <= to) return number;
  throw new ArgumentError(name, text, `a whole number from ${from} to ${to}`);
}

export function readSetting(name: string, text: string): [key: string, value: string] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new ArgumentError(name, text, "key=value");
  return [key, value];
}
