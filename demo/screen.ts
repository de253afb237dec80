import { styleText } from "node:util";
import { shortVersion } from "./version";
import type { LogPart } from "./log-search";

export type Style = "bold" | "dim" | "green" | "red";

/**
 * Where the demo writes. It remembers every word, because its own output is one of the logs that may hold no secret.
 */
export class Screen implements LogPart {
  readonly name = "this output";
  #written = "";
  #closed = false;

  constructor(
    private readonly show: (text: string) => void,
    private readonly hasColors: boolean,
    readonly isTerminal: boolean,
  ) {}

  write(text: string): void {
    if (this.#closed) return;
    this.#written += text;
    this.show(text);
  }

  redraw(line: string): void {
    this.write(this.isTerminal ? `\r${line}` : line);
  }

  paint(style: Style, text: string): string {
    return this.hasColors ? styleText(style, text) : text;
  }

  mark(kept: boolean): string {
    return kept ? this.paint("green", "✔") : this.paint("red", "✘");
  }

  /** Nothing is written after this: further output of an interrupted run is useless. */
  close(): void {
    this.#closed = true;
  }

  read(): Promise<string> {
    return Promise.resolve(this.#written);
  }

  proofOf(versionId: string): string {
    return shortVersion(versionId);
  }
}
