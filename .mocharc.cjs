"use strict";
const { availableParallelism } = require("node:os");

module.exports = {
  require: ["./tsx.cjs", "./tests/support/hooks.ts"],
  timeout: 60_000,
  forbidOnly: true,
  // For --parallel. Each worker has its own PostgreSQL servers and up to 1 GiB of memory.
  jobs: Math.min(4, Math.max(2, availableParallelism() - 1)),
};
