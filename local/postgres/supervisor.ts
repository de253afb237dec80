import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { ServerUser } from "./server-user";

/**
 * Runs the command lines that it reads from standard input, one after the other, and reports when each starts and ends.
 * The input is also a lifeline: when the process at its other end is gone, however it ended (SIGKILL included), the
 * running command is stopped and the folder removed.
 *
 * $1: the folder    $2: the log, which gets the commands' output
 */
const script = `
trap '' PIPE # with nobody left to read what "echo" says, this shell still has a folder to remove
exec 3<&0 # what a job in the background has for standard input is /dev/null
while read -r command <&3; do
  eval "exec $command" </dev/null >>"$2" 2>&1 3<&- &
  child=$!
  # SIGCONT wakes a suspended server, SIGQUIT is PostgreSQL's immediate shutdown.
  { read -r _ <&3; kill -CONT $child; kill -QUIT $child; } >/dev/null 2>&1 &
  watcher=$!
  echo "started $child"
  wait $child
  status=$?
  kill $watcher 2>/dev/null
  wait $watcher 2>/dev/null
  echo "ended $status"
done
rm -rf "$1"
`;

export interface SupervisedCommand {
  readonly pid: number;
  /** The exit status as a shell counts it (128 + n after signal n); undefined while the command runs. */
  readonly status: number | undefined;
  /** Resolves with the status when the command has ended. */
  end(): Promise<number>;
}

/**
 * A shell in a session of its own, so that Ctrl-C does not reach it. It outlives this process just long enough to clean
 * up after it. It keeps this process alive only while one of the promises here is pending.
 */
export class Supervisor {
  readonly #shell: ChildProcess;
  readonly #input: Socket;
  readonly #output: Socket;
  readonly #reports = new EventEmitter();
  readonly #exited: Promise<unknown>;

  constructor(folder: string, logFile: string, user: ServerUser | undefined) {
    // Nothing from this process's environment: PGPORT, PGDATA or LC_ALL would change what the server does.
    const env = { PATH: process.env.PATH, LC_ALL: "C" };
    const args = ["-c", script, "supervisor", folder, logFile];
    this.#shell = spawn("/bin/sh", args, { ...user, env, cwd: "/", detached: true, stdio: ["pipe", "pipe", "ignore"] });
    this.#exited = once(this.#shell, "exit");
    this.#exited.catch(() => undefined); // a caller that waits for it gets the error
    // node:child_process creates a Socket for a pipe; its types do not say so.
    this.#input = this.#shell.stdin as Socket;
    this.#output = this.#shell.stdout as Socket;
    this.#input.on("error", () => undefined); // EPIPE: the shell is gone, as `#exited` reports
    createInterface({ input: this.#output }).on("line", (line) => {
      const [event = "", number] = line.split(" ");
      this.#reports.emit(event, Number(number));
    });
    for (const handle of [this.#shell, this.#input, this.#output]) handle.unref();
  }

  /** Starts a command; the one before it must have ended. Its output goes to the log. */
  async run(file: string, args: readonly string[]): Promise<SupervisedCommand> {
    const started = this.#next("started");
    let status: number | undefined;
    this.#reports.once("ended", (value: number) => (status = value));
    this.#input.write(`${[file, ...args].map(quote).join(" ")}\n`);
    return {
      pid: await started,
      get status() {
        return status;
      },
      end: async () => status ?? (await this.#next("ended")),
    };
  }

  /** Stops the running command and removes the folder; resolves when both are gone. */
  async close(): Promise<void> {
    this.#shell.ref();
    this.#input.end();
    await this.#exited;
  }

  async #next(event: "started" | "ended"): Promise<number> {
    this.#output.ref();
    try {
      const exited = this.#exited.then(() => {
        throw new Error("the shell that supervises PostgreSQL has ended");
      });
      const [number] = (await Promise.race([once(this.#reports, event), exited])) as [number];
      return number;
    } finally {
      this.#output.unref();
    }
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
