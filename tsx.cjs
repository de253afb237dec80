// tsx, for this project's own files. Alone it would also read, and where necessary rewrite, every file of every package,
// which takes as long again as loading them; Node loads those as they are.
"use strict";
const Module = require("node:module");
const { sep } = require("node:path");

const loadOfNode = Module._extensions[".js"];
require("tsx/cjs");
const loadOfTsx = Module._extensions[".js"];

Module._extensions[".js"] = (module, file) => {
  const load = file.includes(`${sep}node_modules${sep}`) ? loadOfNode : loadOfTsx;
  load(module, file);
};
