import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readProject } from "../local/stack-config";
import { root } from "./support/whole-program";

/** What a script prints in a process that was started as Pulumi starts the program's. */
function run(script: string): string {
  const nodeargs = readProject(root).runtime.options.nodeargs.split(" ");
  return execFileSync(process.execPath, [...nodeargs, "-e", script], { cwd: root, encoding: "utf8" });
}

const escape = "\u001b[";

describe("preload.cjs", () => {
  it("takes the colours from a printed error, which would take Node 20 and 22 up to a minute", () => {
    const text = run(`console.log(require("util").inspect(new Error("on purpose"), { colors: true }))`);
    assert.match(text, /^Error: on purpose\n {4}at /);
    assert(!text.includes(escape));
  });

  it("leaves everything else of util.inspect as it is", () => {
    const text = run(`
      const { inspect } = require("util");
      console.log(inspect({ n: 1 }, { colors: true }), typeof inspect.custom, inspect.defaultOptions.depth);
      console.log(inspect({ a: { b: { c: { d: 1 } } } }, false, 0));`);
    assert(text.includes(`${escape}33m1${escape}39m`));
    assert.match(text, /symbol 2\n\{ a: \[Object\] \}\n$/);
  });
});
