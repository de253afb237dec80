import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installedVersion, renewCommand } from "./lifecycle/recording";
import { findUnknowns } from "../engine/graph";
import { readRecordings, recordingsFolder, type Recording } from "../engine/recording";
import { listStacks } from "../engine/stack-config";
import { shortUrn } from "./support/cut-recording";
import { findCredentials } from "./support/credentials";
import { root, runStack } from "./support/whole-program";

const recordings = [...readRecordings()];

/** URN → parent */
function parents(recording: Recording): Record<string, string | undefined> {
  return Object.fromEntries(recording.resources.map(({ urn, parent }) => [urn, parent]));
}

describe("recordings", () => {
  it("exist for every stack", () => {
    const missing = listStacks(root).filter((stack) => !recordings.some(([name]) => name === stack));
    assert.deepEqual(missing, []);
  });

  for (const [name, recording] of recordings) {
    const { stack, config } = recording;
    const renew = `if the program is right, renew the recording: ${renewCommand(name, recording)}`;

    describe(name, () => {
      it("was made with the installed versions of Pulumi's packages", () => {
        for (const [packageName, version] of Object.entries(recording.packages)) {
          assert.equal(installedVersion(packageName), version, `${packageName} is another than recorded: ${renew}`);
        }
      });

      it("has the resources that the program registers in the engine in memory, with the same parents", async () => {
        const { exitCode, log, resources } = await runStack(stack, config);
        assert.equal(exitCode, 0, log);
        const registered = resources.map(({ urn, parent }) => [shortUrn(urn), parent && shortUrn(parent)]);
        assert.deepEqual(Object.fromEntries(registered), parents(recording), renew);
      });

      it("has the same unknown inputs in a preview of a new stack", async () => {
        const { resources } = await runStack(stack, config, "preview");
        const recorded = new Map(recording.resources.map(({ urn, unknownInPreview = [] }) => [urn, unknownInPreview]));
        const own = resources.filter(({ urn }) => !urn.includes("$awsx:"));
        const unknown = Object.fromEntries(own.map(({ urn, inputs }) => [shortUrn(urn), findUnknowns(inputs).sort()]));
        const expected = Object.fromEntries(own.map(({ urn }) => [shortUrn(urn), recorded.get(shortUrn(urn))]));
        assert.deepEqual(unknown, expected, renew);
        assert(Object.values(unknown).flat().length > 50);
      });

      it("has the stack's outputs", async () => {
        const { outputs } = await runStack(stack, config);
        assert.deepEqual(Object.keys(outputs).sort(), recording.stackOutputs, renew);
      });

      it("holds no credential and no path of a machine", () => {
        assert.deepEqual(findCredentials(recording), []);
        const text = readFileSync(join(recordingsFolder, `${name}.json`), "utf8");
        assert.doesNotMatch(text, /"(file:\/\/|project:|\/(?!todo-rotation\/|aws\/vendedlogs\/))/);
      });
    });
  }
});
