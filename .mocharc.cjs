"use strict";
const { availableParallelism } = require("node:os");

module.exports = {
  require: ["./tsx.cjs", "./tests/support/hooks.ts"],
  timeout: 60_000,
  forbidOnly: true,
  // For --parallel: one more than cores, because some tests wait. Each worker has its own PostgreSQL servers and up to
  // 1 GiB of memory.
  jobs: Math.min(4, availableParallelism() + 1),
};
