import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Start } from "../../engine/program";
import { readProject } from "../../engine/stack-config";

const script = join(__dirname, "program-host.cjs");

interface Ended {
  readonly exitCode: number;
  readonly error: string;
}

/**
 * A process that runs one program after the other, which takes a third of the time of a process for each: Pulumi is
 * loaded once. Started when first needed, with a project's own nodeargs.
 */
export class ProgramHost {
  #child: ChildProcess | undefined;
  #ended: Promise<never> | undefined;
  #log = "";
  #last: Promise<unknown> = Promise.resolve();

  /** @param root the project's folder */
  constructor(private readonly root: string) {}

  run(start: Start): Promise<{ exitCode: number; log: string }> {
    const run = this.#last.then(() => this.#run(start));
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Ends the process, if one was started. It also ends with this one. */
  close(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }

  async #run(start: Start): Promise<{ exitCode: number; log: string }> {
    const child = (this.#child ??= this.#start());
    this.#log = "";
    child.channel?.ref();
    child.send(start);
    const [{ exitCode, error }] = (await Promise.race([once(child, "message"), this.#ended])) as [Ended];
    child.channel?.unref();
    if (exitCode !== 0) this.close();
    return { exitCode, log: this.#log + error };
  }

  #start(): ChildProcess {
    const execArgv = readProject(this.root).runtime.options.nodeargs.split(" ");
    const child = fork(script, { cwd: this.root, execArgv, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => (this.#log += String(chunk)));
      (stream as Socket | null)?.unref(); // node:child_process creates a Socket for a pipe; its types do not say so
    }
    this.#ended = once(child, "exit").then(([status]) => {
      throw new Error(`the process that runs the program ended with ${String(status)}: ${this.#log}`);
    });
    this.#ended.catch(() => undefined); // it may also end when no run waits for it
    child.unref();
    return child;
  }
}
