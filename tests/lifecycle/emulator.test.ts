import assert from "node:assert/strict";
import { change, recordedLog } from "./changes";
import { splitChanges } from "./emulator";
import { readChanges } from "./events";

describe("the emulator's differences", () => {
  it("are everything that a second preview against moto shows", () => {
    const { ours, ofEmulator } = splitChanges(readChanges(recordedLog("second-preview")));
    assert.deepEqual([ours.length, ofEmulator.length], [0, 3]);
  });

  it("do not hide another property of the same resource", () => {
    const log = recordedLog("second-preview").replaceAll('"engineLifecycleSupport"', '"storageEncrypted"');
    const { ours } = splitChanges(readChanges(log));
    assert.deepEqual(
      ours.map(({ name, properties }) => [name, properties]),
      [["database", ["storageEncrypted"]]],
    );
  });

  it("do not excuse the same property of another type, a replacement or a creation", () => {
    const known = { properties: ["loggingConfig"] };
    for (const one of [
      change("updated", "aws:lambda/alias:Alias", "a", known),
      change("replaced", "aws:lambda/function:Function", "f", known),
      change("created", "aws:lambda/function:Function", "f", known),
      change("updated", "aws:lambda/function:Function", "f"),
    ]) {
      assert.deepEqual(splitChanges([one]), { ours: [one], ofEmulator: [] });
    }
  });

  it("are the program's if the program changes the property", () => {
    const type = "aws:secretsmanager/secretRotation:SecretRotation";
    const rules = change("updated", type, "r", { properties: ["rotationRules"], changedInputs: ["rotationRules"] });
    const code = change("updated", "aws:lambda/function:Function", "f", {
      properties: ["sourceCodeHash"],
      changedInputs: ["code"],
    });
    assert.deepEqual(splitChanges([rules, code]).ours, [rules, { ...code, properties: ["code"] }]);
  });
});
