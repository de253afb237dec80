import { join } from "node:path";
import type { Mode } from "../../engine";
import { runProgram, type ProgramRun } from "../../engine/program";

export const root = join(__dirname, "../..");

const runs = new Map<string, Promise<ProgramRun>>();

/** The program of this repository with a stack's configuration, run once in a test process for each set of overrides. */
export function runStack(
  stack: string,
  overrides: Readonly<Record<string, string>> = {},
  mode: Mode = "up",
): Promise<ProgramRun> {
  const key = JSON.stringify([stack, overrides, mode]);
  const run = runs.get(key) ?? runProgram({ root, stack, overrides: new Map(Object.entries(overrides)) }, mode);
  runs.set(key, run);
  return run;
}
