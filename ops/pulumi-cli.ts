import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** The oldest CLI that this program has run with. */
const oldestVersion = [3, 220, 0] as const;

const installing = "How to install it: https://www.pulumi.com/docs/install/";

/** No CLI runs; the message says what is missing and what to do. */
export class MissingPulumiError extends Error {}

export interface PulumiCli {
  readonly path: string;
  /** Whether it is npm's package `pulumi`, which downloads a CLI the first time that it runs. */
  readonly isDownload: boolean;
  /** Why an installed CLI is not used. */
  readonly skipped: readonly string[];
}

/**
 * Finds the Pulumi CLI. `npm run` puts the package's command first on PATH, so an installed CLI is looked for after it.
 *
 * @param path the value of PATH
 * @returns an installed CLI of version 3.220.0 or later, else the package's command, else undefined
 */
async function findPulumi(path = process.env.PATH ?? ""): Promise<PulumiCli | undefined> {
  const name = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  const found = path
    .split(delimiter)
    .flatMap((folder) => (isExecutable(join(folder, name)) ? [join(folder, name)] : []));
  const isOfPackage = (file: string): boolean => /node_modules[\\/]\.bin[\\/]/.test(file);
  const skipped: string[] = [];
  for (const file of found.filter((one) => !isOfPackage(one))) {
    const version = await readVersion(file).catch(() => undefined);
    if (version === undefined) {
      skipped.push(`${file} does not answer \`pulumi version\`.`);
      continue;
    }
    if (serves(version)) return { path: file, isDownload: false, skipped };
    skipped.push(`${file} is version ${version}, needed is ${oldestVersion.join(".")} or later.`);
  }
  const ofPackage = found.find(isOfPackage);
  return ofPackage === undefined ? undefined : { path: ofPackage, isDownload: true, skipped };
}

/**
 * The CLI to run, downloaded if there is only npm's package.
 *
 * @param tell reports why an installed CLI is not used, and the download
 * @throws MissingPulumiError
 */
export async function requirePulumi(tell: (line: string) => void = () => undefined): Promise<PulumiCli> {
  const cli = await findPulumi();
  if (cli === undefined) {
    throw new MissingPulumiError(
      `There is no Pulumi CLI on PATH, nor npm's package pulumi. Run \`npm ci\`.\n${installing}`,
    );
  }
  for (const reason of cli.skipped) tell(reason);
  if (!cli.isDownload) return cli;
  tell("No Pulumi CLI is installed; using the one that npm's package pulumi downloads.");
  try {
    await readVersion(cli.path);
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
