import type { StepReport } from "../local/secrets-manager";
import type { DemoStrategy } from "./arguments";
import type { Screen } from "./screen";
import { shortVersion } from "./version";

const titles: Readonly<Record<DemoStrategy, string>> = {
  "single-user": "one user changes its own password",
  "alternating-users": "two users take turns",
  "api-key": "the key of an HTTP service, which changes by a request",
};

const indent = " ".repeat(16);

/** Reports progress: one line of steps and one of proofs for each rotation. */
export class Progress {
  #isFirstStep = true;
  #isFirstProof = true;

  constructor(readonly screen: Screen) {}

  /** @param server what runs next to Secrets Manager */
  serversStarted(server: string, durationMs: number): void {
    this.screen.write(`${server} and Secrets Manager run on this machine ${this.#ms(durationMs)}\n`);
  }

  strategyStarted(strategy: DemoStrategy): void {
    this.screen.write(`\n${this.screen.paint("bold", strategy)}: ${titles[strategy]}\n`);
  }

  bootstrapped(durationMs: number, users: readonly { readonly name: string; readonly access: string }[]): void {
    const ofUsers = users.length > 1 ? `each of ${users.length} secrets'` : "the secret's";
    this.screen.write(`  bootstrap      roles, schema and ${ofUsers} first value ${this.#ms(durationMs)}\n`);
    if (users.length === 1) return;
    this.screen.write(`  users          ${users.map(({ name, access }) => `${name} (${access})`).join(", ")}\n`);
  }

  /** @param label for example "rotation 1/5" */
  rotationStarted(label: string): void {
    this.#isFirstStep = true;
    this.#isFirstProof = true;
    this.screen.write(`  ${label.padEnd(15)}`);
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

  keeping(strategy: DemoStrategy, url: string, target: { endpointUrl: string; secretId: string }): void {
    const options = `--endpoint-url ${target.endpointUrl} --secret-id ${target.secretId}`;
    this.screen.write(`
The todo page is at ${this.screen.paint("bold", url)}; its credential rotates every few seconds (${strategy}).
In a second terminal:
  curl ${url}/api/credential   which user it logs in as, and since when
  curl ${url}/api/todos        the todos, answered by the database
  npm run ops -- status ${options}
  npm run ops -- rotate ${options}
  npm run ops -- watch ${options}
  npm run ops -- repair ${options}
Ctrl-C ends it.

`);
  }

  #ms(durationMs: number): string {
    return this.screen.paint("dim", `${Math.round(durationMs)} ms`);
  }
}
