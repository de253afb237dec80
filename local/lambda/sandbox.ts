import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What Lambda answers to an invocation; `payload` is the handler's answer after a trip through JSON. */
export type InvocationResult =
  | { readonly functionError?: undefined; readonly payload: unknown }
  | { readonly functionError: "Unhandled"; readonly payload: FunctionErrorPayload };

/** The payload of a failed invocation. A process that ended or timed out has no trace. */
export interface FunctionErrorPayload {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export interface SandboxOptions {
  readonly bundleFile: string;
  readonly handler: string;
  /** The whole environment of the process: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly execPath: string;
  readonly onLog: (line: string) => void;
}

/** The part of Lambda's context that goes to the process; the deadline is set when the handler starts. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly deadlineEpochMs: number;
}

type Message =
  | { readonly ready: true }
  | { readonly result: string }
  | { readonly error: FunctionErrorPayload }
  | { readonly exitStatus: number | null };

const runtimeFile = join(__dirname, "runtime.mjs");

/** Lambda gives a function this long to be imported, in addition to its own timeout. */
const initTimeoutSeconds = 10;

/** One execution environment: a process that has imported the bundle and takes one invocation at a time. */
export class Sandbox {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #initialised = false;

  constructor(options: SandboxOptions) {
    this.#child = fork(runtimeFile, [options.bundleFile, options.handler], {
      env: options.environment,
      execPath: options.execPath,
      execArgv: [], // not ours: a test runner's --require would run in the function
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#closed = new Promise((resolve) => this.#child.once("close", resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on("line", options.onLog);
    }
  }

  /** False once the process ended, by itself or by stop(). */
  isRunning(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Runs one invocation. A timeout ends the process, as does a bundle that cannot be imported. */
  async run(
    event: unknown,
    context: Omit<InvocationContext, "deadlineEpochMs">,
    timeoutSeconds: number,
  ): Promise<InvocationResult> {
    if (!this.#initialised) {
      const message = await this.#nextMessage(initTimeoutSeconds);
      if (!message || !("ready" in message)) {
        await this.stop();
        return failureOf(message, context.awsRequestId, initTimeoutSeconds);
      }
      this.#initialised = true;
    }
    const reply = this.#nextMessage(timeoutSeconds);
    const deadlineEpochMs = Date.now() + timeoutSeconds * 1000;
    // If the process has ended, the send fails; the reply then says how it ended.
    this.#child.send({ event, context: { ...context, deadlineEpochMs } satisfies InvocationContext }, () => undefined);
    const message = await reply;
    if (message && "result" in message) return { payload: JSON.parse(message.result) as unknown };
    if (!message || !("error" in message)) await this.stop();
    return failureOf(message, context.awsRequestId, timeoutSeconds);
  }

  /** Ends the process, and resolves when its last line of output has been read. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }

  /** The next message or the end of the process; undefined when neither comes in time. */
  #nextMessage(timeoutSeconds: number): Promise<Message | undefined> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (message: Message | undefined) => {
        clearTimeout(timer);
        child.off("message", settle).off("exit", onExit).off("error", onError);
        resolve(message);
      };
      const onExit = (exitStatus: number | null) => {
        settle({ exitStatus });
      };
      const onError = (error: Error) => {
        clearTimeout(timer);
        reject(error); // the executable cannot run at all: not an answer of the function
      };
      const timer = setTimeout(() => {
        settle(undefined);
      }, timeoutSeconds * 1000);
      child.on("message", settle).on("exit", onExit).on("error", onError);
    });
  }
}

function failureOf(message: Message | undefined, requestId: string, timeoutSeconds: number): InvocationResult {
  if (message && "error" in message) return { functionError: "Unhandled", payload: message.error };
  if (!message) {
    const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
    return { functionError: "Unhandled", payload: { errorType: "Sandbox.Timedout", errorMessage } };
  }
  const status = "exitStatus" in message ? message.exitStatus : null;
  const reason = status
    ? `Runtime exited with error: exit status ${status}`
    : "Runtime exited without providing a reason";
  return {
    functionError: "Unhandled",
    payload: { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${reason}` },
  };
}
