import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** Node.js itself takes and gives back as much as that. */
const noiseMb = 48;

/** The memory of one process over time: what it needs at least is compared, since garbage comes and goes. */
export class Memory {
  readonly #samplesMb: number[] = [];

  constructor(readonly name: string) {}

  /** @param megabytes undefined where the process is gone */
  note(megabytes: number | undefined): void {
    if (megabytes !== undefined) this.#samplesMb.push(megabytes);
  }

  get startMb(): number {
    return Math.min(...this.#third(0));
  }

  get endMb(): number {
    return Math.min(...this.#third(2));
  }

  complaint(): string | undefined {
    if (this.#samplesMb.length < 3) return `${this.name}: no memory was measured`;
    if (this.endMb <= this.startMb + noiseMb) return undefined;
    return `${this.name} grew from ${this.startMb} to ${this.endMb} MB; accepted is ${noiseMb} MB more`;
  }

  #third(number: 0 | 2): readonly number[] {
    const length = Math.ceil(this.#samplesMb.length / 3);
    return number === 0 ? this.#samplesMb.slice(0, length) : this.#samplesMb.slice(-length);
  }
}

/** Of a process's resident memory; undefined where there is none of that id. */
export function residentMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = existsSync("/proc/self/status")
      ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
      : execFileSync("ps", ["-o", "rss=", "-p", `${pid}`], { encoding: "utf8" }).trim();
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined;
  }
}
