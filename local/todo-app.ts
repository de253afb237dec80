import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { awsEnvironment } from "./aws-account";

export interface TodoAppOptions {
  /** The service's own variables, for example DATABASE_SECRET_ARN; they override the defaults here. */
  readonly environment: Readonly<Record<string, string>>;
  /** The Node that runs the service. @default the one that runs this program */
  readonly execPath?: string;
  /** Another service to start instead: Node's arguments. @default the built bundle */
  readonly program?: readonly string[];
  /** Called with each line that the service logs: JSON. */
  readonly onLog?: (line: string) => void;
}

/** The todo service as its container runs it, in a process of its own. */
export interface TodoApp {
  /** For example "http://127.0.0.1:40123". */
  readonly url: string;
  readonly pid: number;
  readonly logs: readonly string[];
  /**
   * Sends SIGTERM, as ECS does, and waits. A second call is not an error.
   *
   * @returns the exit code; null when a signal ended the process
   */
  stop(): Promise<number | null>;
}

const imageEnvironment = { NODE_ENV: "production", HOST: "127.0.0.1", PORT: "0" };
const serverFile = join(__dirname, "..", "dist", "todo-app", "server.mjs");

/** No service outlives this program, however it ends. */
const endWithParent = ["--require", join(__dirname, "end-with-parent.cjs")];

/**
 * Starts the bundle on 127.0.0.1, on a free port unless PORT is set, and waits until it listens.
 *
 * @throws Error with what it logged, when it ends before it listens
 */
export async function startTodoApp(options: TodoAppOptions): Promise<TodoApp> {
  const { environment, execPath = process.execPath, program = [serverFile], onLog } = options;
  const child = spawn(execPath, [...endWithParent, ...program], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...awsEnvironment("todo-app"), ...imageEnvironment, ...environment },
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);

  const logs: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        logs.push(line);
        onLog?.(line);
        const [, address] = /"msg":"listening on ([^"]+)"/.exec(line) ?? [];
        if (address !== undefined) resolve(address);
      });
    }
    child.once("close", () => {
      reject(new Error(`the todo service ended before it listened:\n${logs.join("\n")}`));
    });
  });
  return {
    url,
    pid: child.pid ?? 0,
    logs,
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
