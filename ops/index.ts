import { failureOf } from "./aws-failure";
import { type Command, type CommandName, help, parseCommandLine, wantsJson } from "./command-line";
import { type ExitCode, exitCodes } from "./failure";
import { redeploy } from "./redeploy";
import { repair } from "./repair";
import { rotate } from "./rotate";
import { status } from "./status";
import { Terminal } from "./terminal";
import { watch } from "./watch";

/** `npm run ops`: what a person on call does with one secret's rotation. docs/runbook.md says when. */

const commands: Readonly<Record<CommandName, Command>> = { status, rotate, watch, repair, redeploy };

async function main(args: readonly string[], interrupted: AbortSignal): Promise<ExitCode> {
  const json = wantsJson(args);
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine === "help") {
      console.log(help);
      return exitCodes.done;
    }
    const terminal = new Terminal(process, { ...commandLine, interrupted });
    return await commands[commandLine.command](commandLine, terminal);
  } catch (error) {
    const failure = failureOf(error, "npm run ops");
    new Terminal(process, { json, yes: false, interrupted }).failure(failure);
    return failure.exitCode;
  }
}

// The first Ctrl-C ends the command between two calls and leaves none half done; a second one ends it immediately.
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    interruption.abort();
  });
}

void main(process.argv.slice(2), interruption.signal).then((exitCode) => {
  process.exitCode = exitCode;
});
