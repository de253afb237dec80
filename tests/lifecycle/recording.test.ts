import assert from "node:assert/strict";
import { readRecordings } from "../../engine/recording";
import { parseArguments } from "./arguments";
import { renewCommand } from "./recording";

describe("the command that renews a recording", () => {
  it("is valid, and has the recording's stack, configuration and name", () => {
    const recordings = [...readRecordings()];
    assert(recordings.length > 0);
    for (const [name, { stack, config }] of recordings) {
      const [, args = ""] = renewCommand(name, { stack, config }).split("npm run lifecycle -- ");
      const parsed = parseArguments(args.split(" "));
      const expected = Object.entries(config).map(([key, value]) => [key, key.startsWith("existing") ? "moto" : value]);
      assert.deepEqual(
        [parsed.environment, parsed.config, parsed.recording],
        [stack, Object.fromEntries(expected), name],
      );
    }
  });
});
