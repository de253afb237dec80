import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** One request, answered or not. */
export interface Sample {
  /** When it ended, milliseconds since 1970. */
  readonly atMs: number;
  /** Answered with 2xx. */
  readonly succeeded: boolean;
  readonly latencyMs: number;
}

/** What the load process sends, several times a second: the samples since the last message, by target. */
export type LoadMessage = Readonly<Record<string, readonly Sample[]>>;

export interface LoadTarget {
  readonly name: string;
  readonly url: string;
  readonly requestsPerSecond: number;
}

/** The load process's only argument, as JSON. */
export interface LoadOptions {
  readonly targets: readonly LoadTarget[];
  /** The load ends after this long in any case. */
  readonly maxSeconds: number;
}

export interface Load {
  /** Resolves when no more samples will come. */
  stop(): Promise<void>;
}

const loadProcessFile = join(__dirname, "load-process.ts");

/** Puts services under load until it is stopped, and reports every request. */
export function startLoad(options: LoadOptions, onSamples: (samples: LoadMessage) => void): Load {
  const child = fork(loadProcessFile, [JSON.stringify(options)], {
    execArgv: ["--require", join(__dirname, "..", "..", "tsx.cjs")],
  });
  const exited = once(child, "exit");
  child.on("message", (message) => {
    onSamples(message as LoadMessage);
  });
  return {
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
