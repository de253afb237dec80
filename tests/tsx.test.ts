import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { root } from "./support/whole-program";

/** Loads a package and this project's TypeScript, and prints which packages Node itself has loaded. */
const script = `
  const Module = require("node:module");
  const loadOfNode = Module._extensions[".js"];
  Module._extensions[".js"] = (module, file) => {
    const [, name] = /node_modules.(pg-int8)/.exec(file) ?? [];
    if (name) console.log(name);
    loadOfNode(module, file);
  };
  require("./tsx.cjs");
  require("pg-int8");
  console.log(typeof require("./command-line.ts").runCommand);`;

describe("tsx.cjs", () => {
  it("compiles this project's TypeScript, and leaves packages to Node", () => {
    const printed = execFileSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" });
    assert.equal(printed, "pg-int8\nfunction\n");
  });
});
