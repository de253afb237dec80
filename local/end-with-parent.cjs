"use strict";
const process = require("node:process");

// Required by a process that must not outlive its parent: ends when its input ends, for whatever reason.
process.stdin
  // Not process.exit(): a logger's exit handler may try forever to write to the parent that is gone.
  .on("end", () => process.kill(process.pid, "SIGKILL"))
  .resume()
  .unref();
