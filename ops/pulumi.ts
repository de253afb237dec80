import { spawn } from "node:child_process";
import { MissingPulumiError, requirePulumi } from "./pulumi-cli";

/** Runs the Pulumi CLI with the arguments of this process, and ends as it ends. */
async function main(args: string[]): Promise<number> {
  try {
    const { path } = await requirePulumi(console.error);
    return await run(path, args);
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

void main(process.argv.slice(2)).then((exitCode) => (process.exitCode = exitCode));
