import assert from "node:assert/strict";
import { searchLogs, type LogPart } from "../../demo/log-search";

describe("the demo's search for secrets", () => {
  const secrets = new Map([
    ["example-password-1", "password of version 1"],
    ["example-token-1", "token of a rotation"],
  ]);

  /** A log that grows by one line each time it is read. */
  function growing(name: string, ...lines: readonly string[]): LogPart {
    let read = 0;
    return {
      name,
      read: () => Promise.resolve(lines.slice(0, ++read).join("\n")),
      proofOf: (versionId) => `end of ${versionId}`,
    };
  }

  it("waits for the proof, and so finds what arrives late; says where and what, never the text", async () => {
    const logs = [growing("log A", "started", "with example-password-1", "end of 7"), growing("log B", "end of 7")];
    assert.deepEqual(await searchLogs(logs, secrets, "7"), ["log A holds the password of version 1"]);
  });

  it("finds nothing when there is nothing", async () => {
    const logs = [growing("log A", "started", "end of 7")];
    assert.deepEqual(await searchLogs(logs, secrets, "7"), []);
  });

  it("names the log in which the proof never arrives", async () => {
    const logs = [growing("log A", "end of 6"), growing("log B", "end of 7")];
    assert.deepEqual(await searchLogs(logs, secrets, "7"), ["log A cannot be searched"]);
  });
});
