import { randomUUID } from "node:crypto";
import { accountId, awsEnvironment, region } from "../aws-account";
import { Sandbox, type InvocationResult } from "./sandbox";

export type { FunctionErrorPayload, InvocationResult } from "./sandbox";

export interface FunctionOptions {
  /** The function's name, also the access key id of its AWS calls, so that a local endpoint can tell who called. */
  readonly name: string;
  /** Path of the built bundle, an ES module (.mjs). */
  readonly bundleFile: string;
  /** Name of the bundle's export to call, for example "rotate". */
  readonly handler: string;
  /** The function's own environment variables; they override those that Lambda sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** @default 60 */
  readonly timeoutSeconds?: number;
  /** The Node that runs the bundle. @default the one that runs this program */
  readonly execPath?: string;
  /** Called with each line that the function writes to stdout or stderr. */
  readonly onLog?: (line: string) => void;
}

/** A function as Lambda runs it: one process for each concurrent invocation, kept warm between invocations. */
export interface LocalFunction {
  readonly name: string;
  readonly arn: string;
  /**
   * The last 10,000 lines of stdout and stderr. A line may arrive after the answer of the invocation that wrote it,
   * because pipes are asynchronous. After stop() all lines have arrived.
   */
  readonly logs: readonly string[];
  /**
   * Invokes the handler and waits for its answer.
   *
   * @throws Error when the function was stopped, or its Node cannot be run; the function's own errors are answers
   */
  invoke(event: unknown): Promise<InvocationResult>;
  /** Ends every process of the function; running invocations answer that the runtime exited. */
  stop(): Promise<void>;
}

const memoryLimitInMB = "256";
const functionVersion = "$LATEST";
const maxLogLines = 10_000;

/** Makes a bundle callable as Lambda would call it. The first process starts with the first invocation. */
export function startFunction(options: FunctionOptions): LocalFunction {
  const { name, timeoutSeconds = 60 } = options;
  const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  const logs: string[] = [];
  const sandboxes = new Set<Sandbox>();
  const idle: Sandbox[] = [];
  let stopped = false;

  function startSandbox(): Sandbox {
    const sandbox = new Sandbox({
      bundleFile: options.bundleFile,
      handler: options.handler,
      environment: { ...lambdaEnvironment(name), ...options.environment },
      execPath: options.execPath ?? process.execPath,
      onLog(line) {
        if (logs.push(line) > maxLogLines) logs.shift();
        options.onLog?.(line);
      },
    });
    sandboxes.add(sandbox);
    return sandbox;
  }

  return {
    name,
    arn,
    logs,
    async invoke(event) {
      if (stopped) throw new Error(`${arn}: received an invocation after stop()`);
      const sandbox = idle.pop() ?? startSandbox();
      if (!sandbox.isRunning()) {
        sandboxes.delete(sandbox);
        return this.invoke(event);
      }
      const awsRequestId = randomUUID();
      const context = { awsRequestId, functionName: name, functionVersion, invokedFunctionArn: arn, memoryLimitInMB };
      try {
        return await sandbox.run(event, context, timeoutSeconds);
      } finally {
        if (sandbox.isRunning()) idle.push(sandbox);
        else sandboxes.delete(sandbox);
      }
    },
    async stop() {
      stopped = true;
      await Promise.all([...sandboxes].map((sandbox) => sandbox.stop()));
    },
  };
}

/** What Lambda sets itself, as far as a bundle may read it. PATH: the Node to run may be a wrapper script. */
function lambdaEnvironment(functionName: string): Record<string, string> {
  return {
    ...awsEnvironment(functionName),
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: functionVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB,
  };
}
