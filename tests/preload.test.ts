import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { readProject } from "../engine/stack-config";
import { temporaryFolder } from "./support/temporary-folder";
import { root } from "./support/whole-program";

const nodeargs = readProject(root).runtime.options.nodeargs.split(" ");

/** What a script prints in a process that is started as Pulumi starts the program's. */
function run(script: string, environment: Readonly<Record<string, string>> = {}): string {
  return execFileSync(process.execPath, [...nodeargs, "-e", script], {
    cwd: root,
    encoding: "utf8",
    stdio: "pipe", // shows what the process writes to stderr only if it fails
    env: { ...process.env, ...environment },
  });
}

const escape = "\u001b[";

describe("preload.cjs", () => {
  const folder = temporaryFolder();

  it("removes the colours from a printed error, which would take Node 20 and 22 up to a minute, and leaves everything else of util.inspect unchanged", () => {
    const text = run(`
      const { inspect } = require("util");
      console.log(inspect(new Error("on purpose"), { colors: true }));
      console.log("rest");
      console.log(inspect({ n: 1 }, { colors: true }), typeof inspect.custom, inspect.defaultOptions.depth);
      console.log(inspect({ a: { b: { c: { d: 1 } } } }, false, 0));`);
    const [error = "", others = ""] = text.split("rest\n");
    assert.match(error, /^Error: on purpose\n {4}at /);
    assert(!error.includes(escape));
    assert(others.includes(`${escape}33m1${escape}39m`));
    assert.match(others, /symbol 2\n\{ a: \[Object\] \}\n$/);
  });

  it("removes only the stack traces of Pulumi's promises, unless leaks are being debugged", () => {
    const script = `
      const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable");
      const promise = Promise.resolve(7);
      debuggablePromise(promise, "on purpose").then((value) => console.log(value));
      const frames = (text = "") => text.split("\\n").length - 1;
      console.log(frames(promise._debugStackTrace) > 0, promise._debugCtx, frames(new Error().stack) > 0);`;
    assert.equal(run(script), "false on purpose true\n7\n");
    assert.equal(run(script, { PULUMI_DEBUG_PROMISE_LEAKS: "1" }), "true on purpose true\n7\n");
  });

  it("loads what Pulumi serializes functions with when Pulumi first uses it", () => {
    folder.write("package.json", `{ "dependencies": { "packed": "1.0.0" } }`);
    mkdirSync(join(folder.path, "node_modules/packed"), { recursive: true });
    folder.write("node_modules/packed/package.json", `{ "name": "packed", "version": "1.0.0" }`);
    const script = `
      process.chdir(${JSON.stringify(folder.path)});
      const { runtime } = require("@pulumi/pulumi");
      const isLoaded = (part) => Object.keys(require.cache).some((file) => file.includes(part));
      const loaded = () => [isLoaded("arborist/lib/arborist/"), isLoaded("typescript/lib/")].join();
      const before = loaded();
      const answer = 42;
      (async () => {
        const { text } = await runtime.serializeFunction(() => answer);
        const paths = await runtime.computeCodePaths();
        console.log(before, loaded(), text.includes("answer: 42"), paths.has("node_modules/packed"));
      })();`;
    assert.equal(run(script), "false,false true,true true true\n");
  });

  it("names the sources' own lines in a stack trace, and notes a resource's creation with the program's own files only", () => {
    const late = folder.write(
      "late.ts",
      [
        "interface Gone {",
        "  a: 1;",
        "}",
        "export const late = (): Gone => {",
        "  throw new Error('on purpose');",
        "};",
      ].join("\n"),
    );
    const outer = folder.write("outer.js", `require("./inner").make();`);
    folder.write(
      "inner.js",
      `const { Resource } = require(${JSON.stringify(require.resolve("@pulumi/pulumi/resource"))});
       exports.make = () => { console.log(JSON.stringify(Resource.stackTrace(1))); };`,
    );
    const script = `
      require("source-map-support/register"); // as Pulumi does
      try { require(${JSON.stringify(late)}).late(); } catch ({ stack }) { console.log(stack.split("\\n")[1]); }
      process.chdir(${JSON.stringify(folder.path)});
      require(${JSON.stringify(outer)});`;
    const [frame = "", note = ""] = run(script).trim().split("\n");
    assert.match(frame, /late\.ts:5:9\)$/);
    const files = (JSON.parse(note) as { uri: string }[]).map(({ uri }) => basename(uri));
    assert.deepEqual(files, ["inner.js", "outer.js"]);
  });
});
