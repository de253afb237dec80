// Loaded into the measured process: says at its end how much memory it held at most, in KiB.
"use strict";
const process = require("node:process");

process.on("exit", () => process.stdout.write(`peak memory: ${process.resourceUsage().maxRSS} KiB\n`));
