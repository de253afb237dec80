import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "./events";

/** A log of the real engine, cut to the resources of one case and to what is read of them. */
export function recordedLog(name: string): string {
  return readFileSync(join(__dirname, "../fixtures/engine-events", `${name}.jsonl`), "utf8");
}

export function change(action: Change["action"], type: string, name: string, rest: Partial<Change> = {}): Change {
  return {
    ...{ action, type, name, properties: [], changedInputs: [], oldFirst: false, keepsName: false },
    ...{ startedAt: 0, endedAt: 1 },
    ...rest,
  };
}
