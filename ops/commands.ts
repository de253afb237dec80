import { failureOf } from "./aws-failure";
import { type Command, type CommandName, help, parseCommandLine, wantsJson } from "./command-line";
import { type ExitCode, exitCodes } from "./failure";
import { redeploy } from "./redeploy";
import { repair } from "./repair";
import { rotate } from "./rotate";
import { status } from "./status";
import { type Streams, Terminal } from "./terminal";
import { watch } from "./watch";

const commands: Readonly<Record<CommandName, Command>> = { status, rotate, watch, repair, redeploy };

/**
 * Runs a command. Its result and its failure go to the streams.
 *
 * @param args as process.argv, without node and the script
 * @param interrupted aborted by Ctrl-C
 */
export async function runOpsCommand(
  args: readonly string[],
  streams: Streams,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const json = wantsJson(args);
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine === "help") {
      streams.stdout.write(`${help}\n`);
      return exitCodes.done;
    }
    const terminal = new Terminal(streams, { ...commandLine, interrupted });
    return await commands[commandLine.command](commandLine, terminal);
  } catch (error) {
    const failure = failureOf(error, "npm run ops");
    new Terminal(streams, { json, yes: false, interrupted }).failure(failure);
    return failure.exitCode;
  }
}
