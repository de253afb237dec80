import type { CommandLine } from "./command-line";
import type { ExitCode } from "./failure";
import type { Terminal } from "./terminal";

/** @throws Failure */
export type Command = (commandLine: CommandLine, terminal: Terminal) => Promise<ExitCode>;
