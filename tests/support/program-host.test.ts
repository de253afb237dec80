import assert from "node:assert/strict";
import { runProgram } from "../../engine/program";
import { root, runStack } from "./whole-program";

describe("the host of the program's runs", () => {
  it("registers what a process does that is started as Pulumi starts it, also in a second run", async () => {
    await runStack("dev");
    const hosted = await runStack("prod");
    const { placeholders, ...started } = await runProgram({ root, stack: "prod" });
    assert.deepEqual(hosted, { ...(JSON.parse(JSON.stringify(started)) as object), placeholders });
    assert.deepEqual([hosted.exitCode, hosted.log], [0, ""]);
  });

  it("says why a run failed, and still takes the next one", async () => {
    const { exitCode, log } = await runStack("dev", { desiredCount: "0.5" });
    assert.equal(exitCode, 1);
    assert.match(log, /desiredCount: received/);
    const next = await runStack("dev", { desiredCount: "3" });
    assert.deepEqual([next.exitCode, next.log], [0, ""]);
  });
});
