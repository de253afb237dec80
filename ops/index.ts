import { runOpsCommand } from "./commands";

/** `npm run ops`: what a person on call does with one secret's rotation. docs/runbook.md says when. */

// The first Ctrl-C ends the command between two calls and leaves none half done; a second one ends it immediately.
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interruption.abort();
  });
}

void runOpsCommand(process.argv.slice(2), process, interruption.signal).then((exitCode) => {
  process.exitCode = exitCode;
});
