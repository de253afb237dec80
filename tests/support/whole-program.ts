import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mode } from "../../engine";
import {
  checkProgram,
  type CheckedProgram,
  type ProgramOptions,
  type ProgramRun,
  runProgram,
} from "../../engine/program";
import { readRecordings } from "../../engine/recording";
import { ProgramHost } from "./program-host";
import { until } from "./until";

export const root = join(__dirname, "../..");

/** Passes the folder of the runs to mocha's worker processes. */
const folderVariable = "TODO_ROTATION_TEST_RUNS";

const runs = new Map<string, Promise<ProgramRun>>();

/** Runs this repository's program, and small ones. */
export const programHost = new ProgramHost(root);

/** Runs a program as a preview and as an up, in one process for both. */
export async function checkProgramAlone(options: ProgramOptions): Promise<CheckedProgram> {
  const host = new ProgramHost(options.root);
  try {
    return await checkProgram(options, (start) => host.run(start));
  } finally {
    host.close();
  }
}

/** From here on, mocha's workers share the program's runs. */
export function shareRuns(): void {
  process.env[folderVariable] = mkdtempSync(join(tmpdir(), "todo-rotation-runs-"));
}

export function forgetRuns(): void {
  rmSync(process.env[folderVariable] ?? "", { recursive: true });
}

/**
 * The program of this repository with a stack's configuration. It runs once per set of overrides, in the host of the
 * test process that first asks.
 */
export function runStack(
  stack: string,
  overrides: Readonly<Record<string, string>> = {},
  mode: Mode = "up",
): Promise<ProgramRun> {
  const key = JSON.stringify([stack, overrides, mode]);
  const run =
    runs.get(key) ??
    runOnce(key, () =>
      runProgram({ root, stack, overrides: new Map(Object.entries(overrides)) }, mode, (start) =>
        programHost.run(start),
      ),
    );
  runs.set(key, run);
  return run;
}

/** The recorded variant of dev with NAT, an injected credential, alternating users and an e-mail address. */
export function runWide(): Promise<ProgramRun> {
  const { stack, config } = readRecordings().get("wide") ?? assert.fail("there is no recording wide");
  return runStack(stack, config);
}

async function runOnce(key: string, run: () => Promise<ProgramRun>): Promise<ProgramRun> {
  const file = join(process.env[folderVariable] ?? "", createHash("sha256").update(key).digest("hex"));
  if (isFirst(`${file}.taken`)) {
    writeFileSync(`${file}.unfinished`, JSON.stringify(await run()));
    renameSync(`${file}.unfinished`, file);
  }
  await until(() => existsSync(file));
  return JSON.parse(readFileSync(file, "utf8")) as ProgramRun;
}

function isFirst(file: string): boolean {
  try {
    writeFileSync(file, "", { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}
