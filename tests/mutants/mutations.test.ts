import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/whole-program";
import { mutate, type Mutation } from "./mutation";
import { mutations } from "./mutations";
import { runMutants } from "./run-mutants";
import type { TestRun } from "./workshop";

const example: Mutation = {
  ...{ name: "example", file: "rotation-fn/rotate.ts", from: "a", to: "b", why: "It is one.", tests: ["a.test.ts"] },
};

/** Runs the command with tests that end as `runs` says, and without a copy of the repository. */
async function run(args: readonly string[], listed: readonly Mutation[], runs: (name: string) => TestRun) {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  const workshop = {
    run: (mutation: Mutation) => Promise.resolve(runs(mutation.name)),
    runTests: () => Promise.resolve(runs("none")),
    remove: () => undefined,
  };
  const exitCode = await runMutants(args, { mutations: listed, write, writeError: write, open: () => workshop });
  return { exitCode, text: written.join("") };
}

const passed: TestRun = { outcome: "passed" };
const failed: TestRun = { outcome: "failed", by: "a test" };

describe("the mistakes that the tests must notice", () => {
  it("can still be made, each in its text, and each has existing tests", () => {
    for (const mutation of mutations) {
      const text = readFileSync(join(root, mutation.file), "utf8");
      assert.notEqual(mutate(text, mutation), text);
      assert(mutation.tests.length > 0, mutation.name);
      for (const file of mutation.tests) assert(existsSync(join(root, file)), file);
    }
  });

  it("have unique names", () => {
    assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length);
  });

  it("throw an error if their text is not found exactly once", () => {
    assert.throws(() => mutate("b", example), /found 0 times/);
    assert.throws(() => mutate("aa", example), /found 2 times/);
  });
});

describe("npm run mutants", () => {
  it("succeeds if each mistake is noticed, and reports by which test", async () => {
    const { exitCode, text } = await run([], [example], (name) => (name === "none" ? passed : failed));
    assert.equal(exitCode, 0);
    assert.match(text, /1\/1 {2}example +noticed by: a test/);
  });

  it("fails if one is not noticed, and says what that would mean", async () => {
    const { exitCode, text } = await run([], [example], () => passed);
    assert.equal(exitCode, 1);
    assert.match(text, /Not noticed: example in rotation-fn\/rotate\.ts\. It is one\./);
  });

  it("accepts a harmless one, with its reason", async () => {
    const { exitCode, text } = await run([], [{ ...example, harmless: "nobody calls it" }], () => passed);
    assert.equal(exitCode, 0);
    assert.match(text, /harmless: nobody calls it/);
  });

  it("fails if the tests fail without a mistake, because then they prove nothing", async () => {
    assert.equal((await run([], [example], () => failed)).exitCode, 1);
  });

  it("makes the requested mistake, and lists all for an unknown name", async () => {
    const other = { ...example, name: "other" };
    const { text } = await run(["--only", "other"], [example, other], (name) => (name === "none" ? passed : failed));
    assert.match(text, /1\/1 {2}other/);
    const wrong = await run(["--only", "nothing"], [example, other], () => passed);
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.text, /received "nothing"; accepted is one of example, other/);
    assert.equal((await run(["--help"], [], () => passed)).exitCode, 0);
  });
});
