import { execFile, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The oldest CLI that this program has run with. */
const oldestVersion = [3, 220, 0] as const;

const installing = "How to install it: https://www.pulumi.com/docs/install/";

/** No CLI runs; the message says what is missing and what to do. */
export class MissingPulumiError extends Error {}

/**
 * The path of the CLI to run: an installed one of version 3.220.0 or later, else the command of npm's package pulumi,
 * which downloads a CLI the first time that it runs. `npm run` puts that command first on PATH, so an installed CLI is
 * looked for after it.
 *
 * @param tell reports why an installed CLI is not used, and the download
 * @throws MissingPulumiError
 */
export async function requirePulumi(tell: (line: string) => void = () => undefined): Promise<string> {
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = folders.map((folder) => join(folder, name)).filter(isExecutable);
  const isOfPackage = (file: string): boolean => /node_modules[\\/]\.bin[\\/]/.test(file);
  const skipped: string[] = [];
  let installed: string | undefined;
  for (const file of found.filter((one) => !isOfPackage(one))) {
    const version = await readVersion(file).catch(() => undefined);
    if (version !== undefined && serves(version)) {
      installed = file;
      break;
    }
    const reason =
      version === undefined
        ? "does not answer `pulumi version`"
        : `is version ${version}; version ${oldestVersion.join(".")} or later is needed`;
    skipped.push(`${file} ${reason}.`);
  }
  const cli = installed ?? found.find(isOfPackage);
  if (cli === undefined) {
    throw new MissingPulumiError(
      `PATH has neither a Pulumi CLI that works nor npm's package pulumi. Run \`npm ci\`.\n${installing}`,
    );
  }
  for (const reason of skipped) tell(reason);
  if (cli === installed) return cli;
  tell("No Pulumi CLI is installed; using the one that npm's package pulumi downloads.");
  try {
    await readVersion(cli);
    return cli;
  } catch (cause) {
    const { stderr = "" } = cause as { stderr?: string };
    throw new MissingPulumiError(`The Pulumi CLI cannot be downloaded: ${stderr.trim()}\n${installing}`, { cause });
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws Error with what the CLI wrote when it does not start */
async function readVersion(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(file, ["version"]);
  return stdout.trim();
}

/** A CLI without a version number is a build from source, and is accepted. */
function serves(version: string): boolean {
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (numbers === undefined) return true;
  const difference = oldestVersion.map((oldest, i) => (numbers[i] ?? 0) - oldest).find((part) => part !== 0);
  return (difference ?? 0) >= 0;
}

/** Runs the Pulumi CLI with the arguments of this process, and ends as it ends. */
async function main(args: string[]): Promise<number> {
  try {
    return await run(await requirePulumi(console.error), args);
  } catch (error) {
    if (!(error instanceof MissingPulumiError)) throw error;
    console.error(error.message);
    return 1;
  }
}

function run(file: string, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit" });
    // The terminal sends Ctrl-C to both; the CLI decides how to end.
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve(code ?? 1);
    });
  });
}

if (require.main === module) void main(process.argv.slice(2)).then((exitCode) => (process.exitCode = exitCode));
