"use strict";
const process = require("node:process");

// Required by a process that must not outlive the one that started it: ends when its input does, however that came.
process.stdin
  .on("end", () => process.exit(1))
  .resume()
  .unref();
