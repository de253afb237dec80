import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { LoadMessage, LoadOptions } from "./protocol";

export type { Sample } from "./protocol";

/** Running requests. */
export interface Load {
  /** Resolves when no more samples will come. */
  stop(): Promise<void>;
}

const loadProcessFile = join(__dirname, "load-process.ts");

/** Puts services under load until it is stopped, and reports every request. */
export function startLoad(options: LoadOptions, onSamples: (samples: LoadMessage) => void): Load {
  const child = fork(loadProcessFile, [JSON.stringify(options)], {
    execArgv: ["--require", require.resolve("tsx/cjs")],
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
