import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Exchange } from "../support/tap";

/** The calls of one of AWS's rotation templates, the local endpoint's answers, and what PostgreSQL logged. */
export interface Recording {
  /** Folder of the template in https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas. */
  readonly template: string;
  readonly commit: string;
  readonly rotations: readonly RecordedRotation[];
}

export interface RecordedRotation {
  /** "repeated": the steps of the previous rotation, run again with the same token. */
  readonly name: "first" | "second" | "repeated";
  readonly logins: number;
  readonly failedLogins: number;
  /** Whether the new password is in the log of a server that logs every statement. */
  readonly passwordInServerLog: boolean;
  /** Holds no secret: toSymbols() has replaced identifiers and values. */
  readonly steps: readonly { readonly step: string; readonly calls: readonly Exchange[] }[];
}

export const strategies = ["single-user", "alternating-users"] as const;

export function recordingFile(strategy: (typeof strategies)[number]): string {
  return join(__dirname, `${strategy}.json`);
}

export function readRecording(strategy: (typeof strategies)[number]): Recording {
  return JSON.parse(readFileSync(recordingFile(strategy), "utf8")) as Recording;
}

/** Counts the logins of all clients in a part of PostgreSQL's log. */
export function countLogins(log: string): Pick<RecordedRotation, "logins" | "failedLogins"> {
  return {
    logins: log.match(/ LOG: {2}connection authorized: /g)?.length ?? 0,
    failedLogins: log.match(/ FATAL: {2}password authentication failed /g)?.length ?? 0,
  };
}

/** Text → symbol. If one text contains another, the longer one comes first. */
export type Symbols = ReadonlyMap<string, string>;

/** Values of these keys differ from run to run, or are secret. */
const varying = /^(SecretString|RandomPassword|ClientRequestToken|\w+Date)$/;

/** Makes a value the same for each run: symbols for identifiers, the key's name for secrets and dates. */
export function toSymbols(value: unknown, symbols: Symbols, key = ""): unknown {
  if (typeof value === "string" && symbols.has(value)) return symbols.get(value);
  if (varying.test(key)) return `<${key}>`;
  if (typeof value === "string") {
    return [...symbols].reduce((text, [from, to]) => text.replaceAll(from, to), value);
  }
  if (Array.isArray(value)) return value.map((item) => toSymbols(item, symbols)).sort();
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [String(toSymbols(name, symbols)), toSymbols(item, symbols, name)]),
  );
}

/** The texts that the symbols stand for. */
export function fromSymbols(value: unknown, texts: ReadonlyMap<string, string>): unknown {
  const json = [...texts].reduce((all, [symbol, text]) => all.replaceAll(symbol, text), JSON.stringify(value));
  return JSON.parse(json) as unknown;
}
