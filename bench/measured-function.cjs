// Loaded into a function's process by NODE_OPTIONS: after each invocation, writes what the process has cost so far.
"use strict";
const { performance } = require("node:perf_hooks");
const process = require("node:process");
const v8 = require("node:v8");
const vm = require("node:vm");

// At its first call of an endpoint without TLS, such as the local one, the SDK imports node:http, which loads Node's
// whole fetch. AWS's endpoint has TLS, so the function in AWS never does.
void import("node:http");

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc");
const importedFrom = performance.now();
let invokedAt = importedFrom;
let importMs;

process.on("message", () => {
  importMs ??= performance.now() - importedFrom;
  invokedAt = performance.now();
});
const send = process.send.bind(process);
process.send = (message, ...rest) => {
  if (message.ready) importMs = performance.now() - importedFrom;
  else {
    const handlerMs = performance.now() - invokedAt;
    const { user, system } = process.cpuUsage();
    if (process.env.BENCH_HEAP) collectGarbage();
    const heapBytes = process.memoryUsage().heapUsed;
    process.stdout.write(
      `${JSON.stringify({ bench: { importMs, handlerMs, cpuMs: (user + system) / 1000, heapBytes } })}\n`,
    );
  }
  return send(message, ...rest);
};
