// Loaded into the measured process: says at its end how much memory it held at most, in KiB.
"use strict";
process.on("exit", () => console.log(`peak memory: ${process.resourceUsage().maxRSS} KiB`));
