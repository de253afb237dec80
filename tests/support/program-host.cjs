/**
 * Runs the program several times in one process, as Pulumi's Automation API does: a process that has loaded Pulumi once
 * needs a third of the time. Started with the project's own nodeargs.
 *
 * Messages in: the options of one run, answered with {exitCode, error} before the next is sent.
 */
"use strict";
const { setAllConfig } = require("@pulumi/pulumi/runtime/config");
const { disconnect, resetOptions } = require("@pulumi/pulumi/runtime/settings");
const { runInPulumiStack } = require("@pulumi/pulumi/runtime/stack");
const { withLocalStorage } = require("@pulumi/pulumi/runtime/state");
const process = require("node:process");

const root = process.cwd();

/** The program reads its configuration when it is loaded. */
function loadAgain() {
  const own = Object.keys(require.cache).filter((file) => file.startsWith(root) && !file.includes("/node_modules/"));
  for (const file of own) delete require.cache[file];
  return require(root);
}

function run({ project, stack, monitor, mode, config }) {
  return withLocalStorage(async () => {
    resetOptions(project, stack, 16, "", monitor, mode === "preview", "");
    setAllConfig(config, []);
    await runInPulumiStack(() => loadAgain()());
    await disconnect(true);
  });
}

process.on("message", (options) => {
  run(options).then(
    () => process.send({ exitCode: 0, error: "" }),
    (error) => process.send({ exitCode: 1, error: String(error?.stack) }),
  );
});
process.on("disconnect", () => process.exit(0));
