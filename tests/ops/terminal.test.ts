import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { Failure } from "../../ops/failure";
import { Terminal } from "../../ops/terminal";

/** A person who types the answer, or nothing if it is undefined. */
function terminalWith(answer: string | undefined, options: { yes?: boolean; interrupted?: AbortSignal } = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = new PassThrough();
  if (answer !== undefined) stdin.write(`${answer}\n`);
  const { yes = false, interrupted = new AbortController().signal } = options;
  const terminal = new Terminal({ stdin, stdout: new PassThrough(), stderr }, { json: false, yes, interrupted });
  return { terminal, stdin, asked: () => String(stderr.read() ?? "") };
}

const exitsWith = (exitCode: number) => (error: unknown) => error instanceof Failure && error.exitCode === exitCode;

describe("a question at the terminal", () => {
  for (const answer of ["y", "Y", "yes", " yes "]) {
    it(`takes "${answer}" for a yes`, async () => {
      const { terminal, asked } = terminalWith(answer);
      await terminal.confirm("Do it?");
      assert.equal(asked(), "Do it? [y/N] ");
    });
  }

  for (const answer of ["", "n", "no", "yesterday", "ny"]) {
    it(`takes "${answer}" for a no`, async () => {
      await assert.rejects(terminalWith(answer).terminal.confirm("Do it?"), exitsWith(5));
    });
  }

  it("is not asked if --yes answers it", async () => {
    const { terminal, asked } = terminalWith(undefined, { yes: true });
    await terminal.confirm("Do it?");
    assert.equal(asked(), "");
  });

  it("is ended by Ctrl-C", async () => {
    const interruption = new AbortController();
    const { terminal } = terminalWith(undefined, { interrupted: interruption.signal });
    const confirmed = terminal.confirm("Do it?");
    interruption.abort();
    await assert.rejects(confirmed, exitsWith(130));
  });

  it("is ended by the end of the input", async () => {
    const { terminal, stdin } = terminalWith(undefined);
    const confirmed = terminal.confirm("Do it?");
    stdin.end();
    await assert.rejects(confirmed, exitsWith(130));
  });
});
