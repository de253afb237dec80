/**
 * Runs programs one after the other in one process, as Pulumi's Automation API does.
 *
 * Messages in: the Start of one run (engine/program.ts), answered with {exitCode, error} before the next is sent.
 * After a failed run the process must end: it still waits for answers of the engine.
 */
"use strict";
const { setAllConfig } = require("@pulumi/pulumi/runtime/config");
const { disconnect, resetOptions } = require("@pulumi/pulumi/runtime/settings");
const { runInPulumiStack } = require("@pulumi/pulumi/runtime/stack");
const { withLocalStorage } = require("@pulumi/pulumi/runtime/state");
const esbuild = require("esbuild");
const process = require("node:process");

/** The bundles are the same in every run: each is built once. */
const built = new Map();
const build = (options) => {
  const key = JSON.stringify(options);
  if (!built.has(key)) built.set(key, esbuild.build(options));
  return built.get(key);
};
require.cache[require.resolve("esbuild")].exports = { ...esbuild, build };

/** Loads a program again, because it reads its configuration when it is loaded. */
async function load(root) {
  const own = Object.keys(require.cache).filter((file) => file.startsWith(root) && !file.includes("/node_modules/"));
  for (const file of own) delete require.cache[file];
  const program = require(root);
  return typeof program === "function" ? program() : program;
}

function run({ root, project, stack, monitor, mode, config }) {
  process.chdir(root);
  return withLocalStorage(async () => {
    resetOptions(project, stack, 16, "", monitor, mode === "preview", "");
    setAllConfig(config, []);
    await runInPulumiStack(() => load(root));
    await disconnect(true);
  });
}

/** What went wrong in the run. Pulumi reports the same error more than once. */
const errors = new Set();
const note = (error) => errors.add(error);
process.on("uncaughtException", note).on("unhandledRejection", note);

process.on("message", async (start) => {
  await run(start).catch(note);
  const error = [...errors].map((one) => String(one?.stack)).join("\n");
  process.send({ exitCode: errors.size === 0 ? 0 : 1, error });
});
process.on("disconnect", () => process.exit(0));
