import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  checkProgram,
  type CheckedProgram,
  type ProgramOptions,
  type ProgramRun,
  runProgram,
} from "../../engine/program";
import { checkProgramAlone, programHost } from "./whole-program";

const projectFile = `
name: temporary
runtime:
  name: nodejs
  options:
    nodeargs: --require ./preload.cjs
config:
  size:
    type: integer
    default: 1
    description: A key with a default.
`;

/**
 * Runs a small Pulumi program as an up, in a process and folder of its own.
 *
 * @param program CommonJS source; `pulumi` and `kms` are in scope
 */
export function runTemporaryProgram(program: string): Promise<ProgramRun> {
  return inTemporaryFolder(program, (options) => runProgram(options));
}

/** Runs it as a preview and as an up, in one process with other programs, and compares them. */
export function checkTemporaryProgram(program: string, stackFile?: string): Promise<CheckedProgram> {
  return inTemporaryFolder(program, (options) => checkProgram(options, (start) => programHost.run(start)), stackFile);
}

/** Runs it as a preview and as an up, in a process of its own, which loads no other program's modules. */
export function checkTemporaryProgramAlone(program: string): Promise<CheckedProgram> {
  return inTemporaryFolder(program, (options) => checkProgramAlone(options));
}

async function inTemporaryFolder<T>(
  program: string,
  run: (options: ProgramOptions) => Promise<T>,
  stackFile = "config: {}",
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), "pulumi-program-"));
  try {
    symlinkSync(join(__dirname, "../../node_modules"), join(root, "node_modules"), "dir");
    copyFileSync(join(__dirname, "../../preload.cjs"), join(root, "preload.cjs"));
    writeFileSync(join(root, "Pulumi.yaml"), projectFile);
    writeFileSync(join(root, "Pulumi.dev.yaml"), stackFile);
    writeFileSync(join(root, "package.json"), '{"name":"temporary","main":"index.js"}');
    writeFileSync(
      join(root, "index.js"),
      `const pulumi = require("@pulumi/pulumi"); const kms = require("@pulumi/aws/kms");\n${program}`,
    );
    return await run({ root, stack: "dev" });
  } finally {
    rmSync(root, { recursive: true });
  }
}
