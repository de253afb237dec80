import { constants } from "node:os";
import { Cleanup } from "../../demo/cleanup";
import { parseSoakArguments, type SoakArguments, usage } from "./arguments";
import { runSoak } from "./run-soak";

/* `npm run soak`: the command itself. */

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

async function main(args: readonly string[]): Promise<number> {
  let parsed: SoakArguments | undefined;
  try {
    parsed = parseSoakArguments(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (parsed === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const cleanup = new Cleanup();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      void cleanup.close().finally(() => process.exit(128 + constants.signals[signal]));
    });
  }
  try {
    return await runSoak(parsed, (text) => process.stdout.write(text), cleanup);
  } finally {
    await cleanup.close();
  }
}

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
