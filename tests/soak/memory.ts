import { join } from "node:path";

/** For a process that is to tell of its memory: NODE_OPTIONS. */
export const probeOptions = `--require ${join(__dirname, "memory-probe.cjs")}`;

/** Caches fill, and pools are larger at one moment than at another; less than a leak of 100 bytes a request makes. */
const noiseBytes = 6 * 1024 * 1024;

interface MemorySample {
  /** After a collection: what nothing can be taken away from. */
  readonly usedBytes: number;
  readonly residentBytes: number;
}

/** The memory of one process over time: the least of its beginning is compared with the least of its end. */
export class Memory {
  readonly #samples: MemorySample[] = [];

  constructor(readonly name: string) {}

  /** Asks the process; its answer comes as a line of its log. */
  static ask(pid: number): void {
    try {
      process.kill(pid, "SIGUSR2");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Takes the sample that a line of the process's log holds; other lines hold none. */
  noteLine(line: string): void {
    if (line.startsWith('{"memory":')) this.note((JSON.parse(line) as { memory: MemorySample }).memory);
  }

  note(sample: MemorySample): void {
    this.#samples.push(sample);
  }

  get used(): Ends {
    return this.#endsOf((sample) => sample.usedBytes);
  }

  get resident(): Ends {
    return this.#endsOf((sample) => sample.residentBytes);
  }

  complaint(): string | undefined {
    if (this.#samples.length < 3) return `${this.name}: its memory was not measured`;
    const { startMb, endMb } = this.used;
    const noiseMb = toMegabytes(noiseBytes);
    return endMb <= startMb + noiseMb
      ? undefined
      : `${this.name} uses ${endMb} MB, ${startMb} at the start; accepted is ${noiseMb} MB more`;
  }

  #endsOf(read: (sample: MemorySample) => number): Ends {
    const bytes = this.#samples.map(read);
    const third = Math.ceil(bytes.length / 3);
    return {
      startMb: toMegabytes(Math.min(...bytes.slice(0, third))),
      endMb: toMegabytes(Math.min(...bytes.slice(-third))),
    };
  }
}

interface Ends {
  readonly startMb: number;
  readonly endMb: number;
}

/** Rounded to tenths. */
function toMegabytes(bytes: number): number {
  return Math.round((bytes / 1024 / 1024) * 10) / 10;
}
