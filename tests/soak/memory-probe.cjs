// Loaded into a process whose memory is watched: on SIGUSR2 it collects its garbage, and reports what is then in use.
const process = require("node:process");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

process.on("SIGUSR2", () => {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ memory: { usedBytes: heapUsed + external, residentBytes: rss } })}\n`);
});
