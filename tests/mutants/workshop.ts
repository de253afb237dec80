import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { root } from "../support/whole-program";
import { mutate, type Mutation } from "./mutation";

export type TestRun =
  | { readonly outcome: "passed" }
  /** `by`: the title of the first failed test. */
  | { readonly outcome: "failed"; readonly by: string };

interface MochaReport {
  readonly stats: { readonly passes: number };
  readonly failures: readonly { readonly fullTitle: string }[];
}

const notCopied = new Set([".git", "dist", "node_modules"]);
const limitMs = 10 * 60_000;

/** A copy of the repository in which files are broken and tests run; the repository itself is not touched. */
export class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), "todo-rotation-mutants-"));

  constructor() {
    cpSync(root, this.#folder, { recursive: true, filter: (source) => !notCopied.has(relative(root, source)) });
    symlinkSync(join(root, "node_modules"), join(this.#folder, "node_modules"));
  }

  /** Runs the mutation's tests with the mistake in place, up to the first failure. */
  async run(mutation: Mutation): Promise<TestRun> {
    const file = join(this.#folder, mutation.file);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, mutate(text, mutation));
    try {
      return await this.runTests(mutation.tests);
    } finally {
      writeFileSync(file, text);
    }
  }

  async runTests(files: readonly string[]): Promise<TestRun> {
    const output = join(this.#folder, "mocha-report.json");
    rmSync(output, { force: true });
    const mocha = require.resolve("mocha/bin/mocha.js");
    // A test that hangs because of a mistake has also noticed it; the slowest one takes half of this.
    const options = ["--bail", "--timeout", "120000", "--reporter", "json", "--reporter-option", `output=${output}`];
    const child = spawn(process.execPath, [mocha, ...options, ...files], {
      ...{ cwd: this.#folder, stdio: "ignore", timeout: limitMs },
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    });
    const [exitCode] = (await once(child, "exit")) as [number | null];
    const report = readReport(output);
    const [failure] = report?.failures ?? [];
    if (failure) return { outcome: "failed", by: failure.fullTitle };
    if (exitCode === 0 && report !== undefined && report.stats.passes > 0) return { outcome: "passed" };
    return { outcome: "failed", by: exitCode === null ? "the time limit" : "the end of the test process" };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Undefined if mocha ended before it wrote one. */
function readReport(file: string): MochaReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as MochaReport;
  } catch {
    return undefined;
  }
}
