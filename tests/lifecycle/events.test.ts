import assert from "node:assert/strict";
import { recordedLog } from "./changes";
import { readChanges, readErrors } from "./events";

const summarize = (log: string) =>
  readChanges(log).map(({ action, type, name, properties, oldFirst, keepsName }) => ({
    ...{ action, resource: `${type.split(":").at(-1) ?? ""} ${name}`, properties, oldFirst, keepsName },
  }));

describe("the engine's event log", () => {
  it("shows what was updated and replaced, and in which order", () => {
    const rest = { oldFirst: false, keepsName: false };
    assert.deepEqual(summarize(recordedLog("strategy")), [
      {
        ...{ action: "updated", resource: "Cluster database", ...rest },
        properties: ["engineLifecycleSupport", "scalingConfiguration"],
      },
      {
        ...{ action: "updated", resource: "Function database-bootstrap", ...rest },
        properties: ["environment", "lastModified", "loggingConfig", "sourceCodeHash"],
      },
      { action: "replaced", resource: "Invocation database-bootstrap", properties: ["triggers"], ...rest },
    ]);
  });

  it("shows which inputs the program changed", () => {
    const inputs = readChanges(recordedLog("strategy")).map(({ changedInputs }) => changedInputs);
    assert.deepEqual(inputs, [[], ["environment"], ["triggers"]]);
  });

  it("shows that the old resource was deleted first, and that its name stayed", () => {
    assert.deepEqual(summarize(recordedLog("deleted-first")), [
      { action: "replaced", resource: "Role role", properties: ["path"], oldFirst: true, keepsName: true },
      { action: "replaced", resource: "LogGroup log", properties: ["name"], oldFirst: true, keepsName: false },
    ]);
  });

  it("leaves out components and unchanged resources", () => {
    const log = recordedLog("second-preview");
    assert.match(log, /EncryptionKey/); // it is in the log
    assert.deepEqual(
      readChanges(log).map(({ name }) => name),
      ["age-gauge", "database", "todo-service"],
    );
  });

  it("leaves out what was begun and not completed", () => {
    const isEnd = (line: string) => line.includes("resOutputsEvent") && line.includes("create-replacement");
    const lines = recordedLog("strategy").split("\n");
    const failed = lines.filter((line) => !isEnd(line)).join("\n");
    assert.deepEqual(
      readChanges(failed).map(({ action }) => action),
      ["updated", "updated"],
    );
  });

  it("leaves out providers", () => {
    const log = recordedLog("second-preview").replaceAll('"type":"aws:', '"type":"pulumi:');
    assert.deepEqual(readChanges(log), []);
  });

  it("is refused when it breaks off or has an unknown operation", () => {
    const log = recordedLog("strategy");
    const withoutEnd = log.split("\n").slice(0, -2).join("\n");
    assert.throws(() => readChanges(withoutEnd), /breaks off/);
    assert.throws(() => readChanges(log.replaceAll('"op":"update"', '"op":"refashion"')), /operation "refashion"/);
    assert.throws(() => readChanges(`${log}{"sequence":`), SyntaxError);
  });

  it("holds the engine's errors", () => {
    const error = { severity: "error", message: "no\n" };
    const lines = [{ diagnosticEvent: error }, { diagnosticEvent: { ...error, severity: "warning" } }];
    assert.deepEqual(readErrors(lines.map((line) => JSON.stringify(line)).join("\n")), ["no"]);
  });
});
