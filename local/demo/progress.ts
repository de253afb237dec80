import type { StepReport } from "../secrets-manager";
import type { RotationStrategy } from "../stack";
import type { Screen } from "./screen";
import { shortVersion } from "./version";

const titles: Readonly<Record<RotationStrategy, string>> = {
  "single-user": "one user changes its own password",
  "alternating-users": "two users take turns",
};

const indent = " ".repeat(16);

/** Tells what happens while it happens: one line of steps and one of proofs for each rotation. */
export class Progress {
  #isFirstStep = true;
  #isFirstProof = true;

  constructor(readonly screen: Screen) {}

  serversStarted(postgresVersion: number, durationMs: number): void {
    const names = `PostgreSQL ${postgresVersion} and Secrets Manager`;
    this.screen.write(`${names} run on this machine ${this.#ms(durationMs)}\n`);
  }

  strategyStarted(strategy: RotationStrategy): void {
    this.screen.write(`\n${this.screen.paint("bold", strategy)}: ${titles[strategy]}\n`);
  }

  bootstrapped(durationMs: number): void {
    this.screen.write(`  bootstrap      roles, schema and the secret's first value ${this.#ms(durationMs)}\n`);
  }

  /** @param name such as "1/5" */
  rotationStarted(name: string): void {
    this.#isFirstStep = true;
    this.#isFirstProof = true;
    this.screen.write(`  ${`rotation ${name}`.padEnd(15)}`);
  }

  step({ step, token, durationMs, error }: StepReport): void {
    if (this.#isFirstStep) this.screen.write(`version ${shortVersion(token)}  `);
    this.#isFirstStep = false;
    const failed = error === undefined ? "" : ` ${this.screen.mark(false)}`;
    this.screen.write(`${step}${failed} ${this.#ms(durationMs)}  `);
  }

  rotationFailed(error: string): void {
    this.screen.write(`\n${indent} ${this.screen.mark(false)} ${error}`);
  }

  rotationSucceeded(durationMs: number): void {
    this.screen.write(`= ${this.screen.paint("bold", `${Math.round(durationMs)} ms`)}`);
  }

  proof(kept: boolean, text: string): void {
    this.screen.write(`${this.#isFirstProof ? `\n${indent}` : " "} ${this.screen.mark(kept)} ${text}`);
    this.#isFirstProof = false;
  }

  rotationEnded(): void {
    this.screen.write("\n");
  }

  keeping(strategy: RotationStrategy, url: string): void {
    this.screen.write(`
The todo page is at ${this.screen.paint("bold", url)}; its credential rotates every few seconds (${strategy}).
In a second terminal:
  curl ${url}/api/credential   which user it logs in as, and since when
  curl ${url}/api/todos        the todos, answered by the database
Ctrl-C ends it.

`);
  }

  #ms(durationMs: number): string {
    return this.screen.paint("dim", `${Math.round(durationMs)} ms`);
  }
}
