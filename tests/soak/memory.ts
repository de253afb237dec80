import { join } from "node:path";

/** NODE_OPTIONS for a process that is to report its memory. */
export const probeOptions = `--require ${join(__dirname, "memory-probe.cjs")}`;

/** Caches fill, and pools are larger at some moments; this is less than a leak of 100 bytes a request causes. */
const noiseMb = 6;

interface MemorySample {
  /** After a collection: only what is still reachable. */
  readonly usedBytes: number;
  readonly residentBytes: number;
}

/** The memory of one process over time: the minimum of its beginning is compared with the minimum of its end. */
export class Memory {
  readonly #samples: MemorySample[] = [];

  constructor(readonly name: string) {}

  /** Asks the process, which answers with a line in its log. */
  static ask(pid: number): void {
    try {
      process.kill(pid, "SIGUSR2");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Takes the sample from a line of the process's log; other lines hold none. */
  noteLine(line: string): void {
    if (line.startsWith('{"memory":')) this.note((JSON.parse(line) as { memory: MemorySample }).memory);
  }

  note(sample: MemorySample): void {
    this.#samples.push(sample);
  }

  /** In megabytes. */
  ends(key: keyof MemorySample): { readonly start: number; readonly end: number } {
    const bytes = this.#samples.map((sample) => sample[key]);
    const third = Math.ceil(bytes.length / 3);
    return {
      start: toMegabytes(Math.min(...bytes.slice(0, third))),
      end: toMegabytes(Math.min(...bytes.slice(-third))),
    };
  }

  complaint(): string | undefined {
    if (this.#samples.length < 3) return `${this.name}: its memory was not measured`;
    const { start, end } = this.ends("usedBytes");
    if (end <= start + noiseMb) return undefined;
    return `${this.name} uses ${end} MB, ${start} at the start; accepted is ${noiseMb} MB more`;
  }
}

/** Rounded to tenths. */
function toMegabytes(bytes: number): number {
  return Math.round((bytes / 1024 / 1024) * 10) / 10;
}
