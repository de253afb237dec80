import { spawn } from "node:child_process";
import { findPulumi, readVersion, type PulumiCli } from "./pulumi-cli";

const installing = "How to install it: https://www.pulumi.com/docs/install/";

/** Runs the Pulumi CLI with the arguments of this process, and ends as it ends. */
async function main(args: string[]): Promise<number> {
  const cli = await findPulumi();
  if (cli === undefined) {
    console.error(`There is no Pulumi CLI on PATH, nor npm's package pulumi. Run \`npm ci\`.\n${installing}`);
    return 1;
  }
  for (const reason of cli.skipped) console.error(reason);
  if (cli.isDownload && !(await download(cli))) return 1;
  return run(cli.path, args);
}

async function download({ path }: PulumiCli): Promise<boolean> {
  console.error("No Pulumi CLI is installed; using the one that npm's package pulumi downloads.");
  try {
    await readVersion(path);
    return true;
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    console.error(`The Pulumi CLI cannot be downloaded: ${stderr.trim()}\n${installing}`);
    return false;
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

void main(process.argv.slice(2)).then((exitCode) => (process.exitCode = exitCode));
