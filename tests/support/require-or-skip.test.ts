import assert from "node:assert/strict";
import { requireOrSkip } from "./require-or-skip";

describe("requireOrSkip", () => {
  const { CI } = process.env;
  const printed: unknown[] = [];
  const { error: printError } = console;
  let skips: number;
  const mochaContext = { skip: () => skips++ } as unknown as Mocha.Context;

  beforeEach(() => {
    skips = 0;
    printed.length = 0;
    console.error = (line) => printed.push(line);
  });

  afterEach(() => {
    console.error = printError;
    if (CI === undefined) delete process.env.CI;
    else process.env.CI = CI;
  });

  it("does nothing if the condition holds", () => {
    process.env.CI = "true";
    requireOrSkip(mochaContext, true, "no terraform");
    assert.deepEqual({ skips, printed }, { skips: 0, printed: [] });
  });

  it("skips with the reason if it does not", () => {
    delete process.env.CI;
    requireOrSkip(mochaContext, false, "no terraform");
    assert.deepEqual({ skips, printed }, { skips: 1, printed: ["      skipped: no terraform"] });
  });

  it("fails in CI if it does not", () => {
    process.env.CI = "true";
    assert.throws(() => {
      requireOrSkip(mochaContext, false, "no terraform");
    }, /this test may not be skipped in CI: no terraform/);
    assert.equal(skips, 0);
  });
});
