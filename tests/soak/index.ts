import { constants } from "node:os";
import { runCommand } from "../../command-line";
import { Cleanup } from "../../demo/cleanup";
import { parseSoakArguments, type SoakArguments, usage } from "./arguments";
import { runSoak } from "./run-soak";

/* `npm run soak`: the command itself. */

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

async function run(parsed: SoakArguments): Promise<number> {
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

void runCommand(process.argv.slice(2), { usage, parse: parseSoakArguments, run }).then((exitCode) => {
  process.exitCode = exitCode;
});
