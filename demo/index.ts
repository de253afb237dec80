import { constants } from "node:os";
import { runDemo } from "./run-demo";

/* `npm run demo`: the command itself. What it does is in demo/run-demo.ts. */

// Node 20 is supported here; the SDK's notice that it will end that support would only clutter the demo's output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

let isInterrupted = false;

/** Ctrl-C reaches this process twice, from the terminal and from npm: the second one must not cut the cleanup short. */
function stopOnSignals(stop: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      isInterrupted = true;
      void stop().finally(() => process.exit(128 + constants.signals[signal]));
    });
  }
}

async function main(): Promise<void> {
  try {
    process.exitCode = await runDemo(process.argv.slice(2), {
      write: (text) => process.stdout.write(text),
      writeError: (text) => process.stderr.write(text),
      folder: process.cwd(),
      hasColors: process.stdout.isTTY && process.stdout.hasColors(),
      isTerminal: process.stdout.isTTY,
      onStart: stopOnSignals,
    });
  } catch (error) {
    if (isInterrupted) return; // whatever is stopped half-way fails
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

void main();
