import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkProgram, type CheckedProgram } from "../../engine/program";

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
 * Runs a small Pulumi program in a folder of its own that is gone afterwards.
 *
 * @param program CommonJS source; `pulumi` and `kms` are there
 */
export async function runTemporaryProgram(program: string, stackFile = "config: {}"): Promise<CheckedProgram> {
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
    return await checkProgram({ root, stack: "dev" });
  } finally {
    rmSync(root, { recursive: true });
  }
}
