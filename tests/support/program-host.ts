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

/** A process that runs a program as often as it is asked to, one run after the other. Started when first needed. */
export class ProgramHost {
  #child: ChildProcess | undefined;
  #log = "";
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly root: string) {}

  run(start: Start): Promise<{ exitCode: number; log: string }> {
    const run = this.#last.then(() => this.#run(start));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(start: Start): Promise<{ exitCode: number; log: string }> {
    const child = (this.#child ??= this.#start());
    this.#log = "";
    child.channel?.ref();
    child.send(start);
    const ended = once(child, "exit").then(([status]) => {
      throw new Error(`the process that runs the program ended with ${String(status)}: ${this.#log}`);
    });
    ended.catch(() => undefined); // it may also end when nobody waits
    const [{ exitCode, error }] = (await Promise.race([once(child, "message"), ended])) as [Ended];
    child.channel?.unref();
    return { exitCode, log: this.#log + error };
  }

  #start(): ChildProcess {
    const execArgv = readProject(this.root).runtime.options.nodeargs.split(" ");
    const child = fork(script, { cwd: this.root, execArgv, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => (this.#log += String(chunk)));
      (stream as Socket | null)?.unref(); // node:child_process creates a Socket for a pipe; its types do not say so
    }
    child.unref();
    return child;
  }
}
