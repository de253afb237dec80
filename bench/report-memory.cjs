// Loaded into the measured process: reports at its end the most memory that it held, in KiB.
"use strict";
const process = require("node:process");

process.on("exit", () => process.stdout.write(`peak memory: ${process.resourceUsage().maxRSS} KiB\n`));
