import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readDocument } from "../support/markdown";
import { root } from "../support/whole-program";

/** Missing test files, and titles that the file before them does not have. */
function missingTests(text: string): string[] {
  return [...text.matchAll(/`(tests\/[^`]+\.ts)`(?:: "([^"]+)")?/g)].flatMap(([, file = "", title = ""]) => {
    if (!existsSync(join(root, file))) return [file];
    return readFileSync(join(root, file), "utf8").includes(title) ? [] : [`${file}: ${title}`];
  });
}

/** npm commands that package.json does not have. */
function missingCommands(text: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
  return [...text.matchAll(/npm run ([\w:]+)/g)].flatMap(([, name = ""]) => (name in scripts ? [] : [name]));
}

describe("docs/reliability.md", () => {
  const text = readDocument("docs/reliability.md");

  it("names existing tests and commands", () => {
    assert.deepEqual(missingTests(text), []);
    assert.deepEqual(missingCommands(text), []);
  });

  it("names a test or a command for each promise", () => {
    const table = text.slice(text.indexOf("## The promises"), text.indexOf("## What is not promised"));
    const promises = table.split("\n").filter((line) => line.startsWith("| ") && !/^\| (Promise|-+)/.test(line));
    assert(promises.length >= 12);
    for (const promise of promises) assert.match(promise, /`(tests\/[^`]+\.test\.ts|npm run \w+)`|the same;/);
  });

  it("fails the check when it names something that does not exist", () => {
    const broken = '`tests/no.test.ts` `tests/docs/links.test.ts`: "no such title" npm run nothing';
    assert.deepEqual(missingTests(broken), ["tests/no.test.ts", "tests/docs/links.test.ts: no such title"]);
    assert.deepEqual(missingCommands(broken), ["nothing"]);
  });
});
