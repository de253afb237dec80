"use strict";
const process = require("node:process");

// Required by a process that must not outlive the one that started it: ends when its input does, however that came.
process.stdin
  // Not process.exit(): a logger's exit handler may try for ever to write to the parent that is gone.
  .on("end", () => process.kill(process.pid, "SIGKILL"))
  .resume()
  .unref();
