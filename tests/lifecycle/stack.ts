import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { readProject } from "../../engine/stack-config";
import { MissingPulumiError, requirePulumi } from "../../ops/pulumi";
import { type Arguments, root } from "./arguments";
import { readChanges, readErrors, type Change } from "./events";
import { LifecycleError } from "./failure";
import { region } from "./moto";

/** A stack of a copy of the project, with its state in a folder next to it. */
export interface Stack {
  readonly name: string;
  /** The CLI writes into the stack's file, so it works on a copy. */
  readonly projectFolder: string;
  readonly eventLog: string;
  readonly cli: string;
  readonly environment: NodeJS.ProcessEnv;
}

export interface Operation {
  readonly status: number;
  readonly seconds: number;
  readonly changes: readonly Change[];
  readonly errors: readonly string[];
}

/** @throws LifecycleError when no CLI runs */
export async function findCli(): Promise<string> {
  try {
    return await requirePulumi(console.error);
  } catch (error) {
    if (!(error instanceof MissingPulumiError)) throw error;
    throw new LifecycleError(error.message, { cause: error });
  }
}

/** @param folder an empty folder, which the caller removes */
export async function makeStack(
  { project, environment: name }: Pick<Arguments, "project" | "environment">,
  folder: string,
  cli: string,
  endpointUrl: string,
): Promise<Stack> {
  const copy = join(folder, "project");
  const projectFolder = join(copy, project);
  const stateFolder = join(folder, "state");
  copyProject(copy);
  mkdirSync(stateFolder);
  // None of this machine's AWS settings may point the provider at anything but moto.
  const others = Object.entries(process.env).filter(([key]) => !key.startsWith("AWS_"));
  const environment = {
    ...Object.fromEntries(others),
    ...{ AWS_ENDPOINT_URL: endpointUrl, AWS_REGION: region, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    ...{ PULUMI_BACKEND_URL: `file://${stateFolder}`, PULUMI_CONFIG_PASSPHRASE: "test" },
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DEBUG_COMMANDS: "true", // the CLI has --event-log only with this
  };
  const stack = { name, projectFolder, eventLog: join(folder, "events.jsonl"), cli, environment };
  await readOutput(stack, ["stack", "init"]);
  return stack;
}

/** Copies what git tracks, and new files that are not ignored. */
function copyProject(folder: string): void {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim().split("\n");
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir");
}

/** Runs preview, up or destroy, with their progress on standard error, and reads what the engine did. */
export async function operate(stack: Stack, command: "preview" | "up" | "destroy"): Promise<Operation> {
  const startedAt = Date.now();
  const yes = command === "preview" ? [] : ["--yes", "--skip-preview"];
  const { status, output } = await run(stack, [command, ...yes, "--event-log", stack.eventLog], process.stderr);
  const hint = explain(output);
  if (hint !== undefined) throw new LifecycleError(hint);
  const log = readFileSync(stack.eventLog, "utf8");
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return { status, seconds, changes: readChanges(log), errors: readErrors(log) };
}

/** @throws LifecycleError when the CLI fails */
export async function readOutput(stack: Stack, args: readonly string[]): Promise<string> {
  const { status, output } = await run(stack, args);
  if (status !== 0) throw new LifecycleError(`pulumi ${args.slice(0, 2).join(" ")} ended with ${status}.`);
  return output;
}

/** A JSON object or list replaces the previous one: the CLI can set only texts inside one. */
export async function setConfig(stack: Stack, key: string, value: string): Promise<void> {
  if (!["object", "array"].includes(readProject(stack.projectFolder).config[key]?.type ?? "")) {
    await readOutput(stack, ["config", "set", key, value]);
    return;
  }
  await readOutput(stack, ["config", "rm", key]);
  for (const [path, text] of leavesOf(key, JSON.parse(value))) {
    await readOutput(stack, ["config", "set", "--path", path, text]);
  }
}

/** Path → text, for each text or number inside a value. */
function leavesOf(path: string, value: unknown): (readonly [string, string])[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => leavesOf(`${path}[${index}]`, one));
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([name, part]) => leavesOf(`${path}.${name}`, part));
}

/** @returns what to do about a failure whose own message does not say it */
export function explain(output: string): string | undefined {
  const [, plugin] = /no resource plugin 'pulumi-resource-([\w-]+)' found/.exec(output) ?? [];
  if (plugin === undefined) return undefined;
  return (
    `The Pulumi plugin ${plugin} is missing. Install it with \`pulumi plugin install resource ${plugin}\`, ` +
    `or put a pulumi-resource-${plugin} on PATH.`
  );
}

/** @param show where the CLI's output is shown as well; its errors always are */
function run(
  stack: Stack,
  args: readonly string[],
  show?: NodeJS.WritableStream,
): Promise<{ status: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(stack.cli, [...args, "--stack", stack.name, "--non-interactive"], {
      cwd: stack.projectFolder,
      env: stack.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => (output += chunk.toString("utf8"));
    child.stdout.on("data", collect);
    if (show) child.stdout.on("data", (chunk: Buffer) => show.write(chunk));
    child.stderr.on("data", (chunk: Buffer) => process.stderr.write(chunk));
    if (show) child.stderr.on("data", collect);
    // The terminal also sends Ctrl-C to the CLI. The CLI finishes what it is doing, and this process cleans up after
    // it.
    const wait = () => undefined;
    const passOn = () => child.kill("SIGTERM");
    process.on("SIGINT", wait).on("SIGTERM", passOn);
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGINT", wait).off("SIGTERM", passOn);
      resolve({ status: code ?? 1, output });
    });
  });
}
