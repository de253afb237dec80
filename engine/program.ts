import { spawn } from "node:child_process";
import { Engine, type Graph, type Mode } from "./index";
import { findMissingIn } from "./missing-values";
import { recordedPlace } from "./recording";
import { readProject, readStackConfig, replacePlaceholders } from "./stack-config";

export interface ProgramRun extends Graph {
  readonly exitCode: number;
  /** Configuration keys that still hold a placeholder; the program got a stand-in, and `pulumi up` refuses them. */
  readonly placeholders: readonly string[];
  /** What the program and Pulumi wrote, both streams. */
  readonly log: string;
}

export interface ProgramOptions {
  /** The folder of Pulumi.yaml. */
  readonly root: string;
  readonly stack: string;
  /** Overrides the stack's file: key with or without namespace → value. */
  readonly overrides?: ReadonlyMap<string, string>;
  /** Node's options. @default the project's */
  readonly nodeargs?: string;
  /** Overrides this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** One run of a program, whose registrations go to the monitor. */
export interface Start {
  readonly root: string;
  readonly project: string;
  readonly stack: string;
  readonly mode: Mode;
  /** The engine's address. */
  readonly monitor: string;
  /** Key with namespace → value. */
  readonly config: Readonly<Record<string, string>>;
}

export type StartProgram = (start: Start) => Promise<{ readonly exitCode: number; readonly log: string }>;

/** What a program registers in an `up`. */
export interface CheckedProgram extends ProgramRun {
  readonly preview: ProgramRun;
  /** Missing values, one line each. */
  readonly findings: readonly string[];
}

/** A program that registers nothing for this long hangs, and is killed. */
const timeoutMilliseconds = 120_000;

/**
 * Runs the program against an engine in memory.
 *
 * @param startProgram @default as Pulumi's language host does: same entry point, same Node options
 * @throws Error for a stack or configuration that the Pulumi CLI refuses before it starts the program
 */
export async function runProgram(
  options: ProgramOptions,
  mode: Mode = "up",
  startProgram: StartProgram = (start) => startProcess(start, options),
): Promise<ProgramRun> {
  const { root, stack, overrides } = options;
  const { name: project } = readProject(root);
  const { config, replaced: placeholders } = replacePlaceholders(
    readStackConfig(root, stack, overrides),
    recordedPlace.accountId,
  );
  const place = { ...recordedPlace, region: config["aws:region"] ?? recordedPlace.region };
  const engine = new Engine({ project, stack, place, mode });
  try {
    const ended = await startProgram({ root, project, stack, mode, monitor: await engine.listen(), config });
    return { ...ended, ...engine.graph(), placeholders };
  } finally {
    engine.close();
  }
}

function startProcess(
  { root, project, stack, mode, monitor, config }: Start,
  { environment, nodeargs = readProject(root).runtime.options.nodeargs }: ProgramOptions,
): Promise<{ exitCode: number; log: string }> {
  const { typescript = true } = readProject(root).runtime.options;
  const args = [
    ...nodeargs.split(" ").filter((arg) => arg !== ""),
    require.resolve("@pulumi/pulumi/cmd/run"),
    ...[`--monitor=${monitor}`, `--project=${project}`, `--stack=${stack}`],
    ...[`--pwd=${root}`, `--root-directory=${root}`, "--parallel=16"],
    ...(mode === "preview" ? ["--dry-run", "."] : ["."]),
  ];
  const env = {
    ...process.env,
    PULUMI_NODEJS_TYPESCRIPT: `${typescript}`,
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: "[]",
    ...environment,
  };
  return runNode(args, root, env);
}

/**
 * Runs the program in both modes and compares them.
 *
 * @returns what it registers in an `up`, and what is missing in it
 * @throws Error as runProgram does
 */
export async function checkProgram(options: ProgramOptions, startProgram?: StartProgram): Promise<CheckedProgram> {
  const [preview, up] = await Promise.all([
    runProgram(options, "preview", startProgram),
    runProgram(options, "up", startProgram),
  ]);
  return { ...up, preview, findings: up.exitCode === 0 ? findMissingIn({ preview, up }) : [] };
}

function runNode(args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<{ exitCode: number; log: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    const keep = (chunk: Buffer): void => void (log += chunk.toString("utf8"));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const killTimer = setTimeout(() => {
      log += `The program was stopped after ${timeoutMilliseconds / 1000} s: an input never settled.\n`;
      child.kill("SIGKILL");
    }, timeoutMilliseconds);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(killTimer);
      resolve({ exitCode: code ?? 1, log });
    });
  });
}
