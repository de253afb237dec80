import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { exitCodes, Failure } from "./failure";

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export interface TerminalOptions {
  /** One JSON object on stdout, whatever happens, instead of text. */
  readonly json: boolean;
  /** Every question is answered with yes. */
  readonly yes: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** The person or the script at the other end: results on stdout, progress and questions on stderr. */
export class Terminal {
  constructor(
    private readonly streams: Streams,
    private readonly options: TerminalOptions,
  ) {}

  /** A line about what is going on. */
  progress(line: string): void {
    this.streams.stderr.write(`${line}\n`);
  }

  /** What a command found or did, once. */
  result(text: string, json: object): void {
    this.streams.stdout.write(`${this.options.json ? JSON.stringify(json) : text}\n`);
  }

  failure({ message, remedy, exitCode }: Failure): void {
    if (this.options.json) this.result("", { error: { message, remedy, exitCode } });
    else this.progress(`${message}\n${remedy}`);
  }

  /** @throws Failure (refused) if no one can be asked, or the answer is no; (interrupted) */
  async confirm(question: string): Promise<void> {
    if (this.options.yes) return;
    const { stdin } = this.streams;
    if (!stdin.isTTY) {
      const message = `${question} Nobody can answer: stdin is not a terminal. Nothing was changed.`;
      throw new Failure(exitCodes.refused, message, "Give --yes to answer yes in advance.");
    }
    const answer = await this.ask(question);
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new Failure(exitCodes.refused, "Not confirmed. Nothing was changed.", "Answer y to do it.");
  }

  private async ask(question: string): Promise<string> {
    const lines = createInterface({ input: this.streams.stdin, output: this.streams.stderr });
    // At a terminal readline takes Ctrl-C for itself, and on Ctrl-D it never answers.
    const ended = new AbortController();
    for (const event of ["SIGINT", "close"] as const) {
      lines.once(event, () => {
        ended.abort();
      });
    }
    try {
      const signal = AbortSignal.any([this.options.interrupted, ended.signal]);
      return await lines.question(`${question} [y/N] `, { signal });
    } catch {
      throw new Failure(exitCodes.interrupted, "Interrupted. Nothing was changed.", "Run the command again.");
    } finally {
      lines.close();
    }
  }

  /**
   * Waits, unless Ctrl-C comes first.
   *
   * @param goesOn what AWS keeps doing meanwhile, and how to see it
   * @throws Failure (interrupted)
   */
  async pause(ms: number, goesOn: { readonly message: string; readonly remedy: string }): Promise<void> {
    try {
      await setTimeout(ms, undefined, { signal: this.options.interrupted });
    } catch {
      throw new Failure(exitCodes.interrupted, `Interrupted. ${goesOn.message}`, goesOn.remedy);
    }
  }
}

/** Milliseconds before the next look: short at first, then two seconds. */
export function pollDelayMs(looks: number): number {
  return Math.min(2_000, 250 * 2 ** looks);
}
