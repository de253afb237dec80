import assert from "node:assert/strict";
import { parseArguments } from "./arguments";
import { change } from "./changes";
import type { Change } from "./events";
import { renderStep, reportChanges } from "./report";
import type { StepReport } from "./run";

const service = change("updated", "aws:ecs/service:Service", "web", { properties: ["desiredCount"] });
const ofEmulator = change("updated", "aws:lambda/function:Function", "rotation", { properties: ["loggingConfig"] });

function step(name: string, changes: readonly Change[], rest: Partial<StepReport> = {}): StepReport {
  return { step: name, operation: { status: 0, seconds: 7, changes, errors: [] }, findings: [], ...rest };
}

describe("a step of the lifecycle in lines", () => {
  it("shows each of the program's changes, counts the emulator's, and marks findings", () => {
    const replaced = change("replaced", "aws:ecs/taskDefinition:TaskDefinition", "web", { properties: ["cpu"] });
    const report = step("up", [service, replaced, ofEmulator], { findings: ["something is wrong"] });
    assert.deepEqual(renderStep(report).split("\n"), [
      "up: 7 s",
      "  updated  aws:ecs/service:Service web: desiredCount",
      "  replaced aws:ecs/taskDefinition:TaskDefinition web: cpu (new one first)",
      "  1 updates are the emulator's",
      "  FINDING something is wrong",
    ]);
  });

  it("counts a whole stack instead of listing it", () => {
    const created = Array.from({ length: 60 }, (_, number) => change("created", "aws:sqs/queue:Queue", `q${number}`));
    assert.deepEqual(renderStep(step("up", created)).split("\n"), ["up: 7 s", "  60 created"]);
  });
});

describe("the report of changes", () => {
  const args = parseArguments(["dev", "--config", "instanceCount=2"]);
  const settings = { desiredCount: "3" };
  const report = (findings: Readonly<Record<string, readonly string[]>> = {}) =>
    reportChanges(
      args,
      ["up", "preview after up", "preview", "up with", "preview after", "state", "destroy"].map((name) =>
        step(name, [service, ofEmulator], {
          findings: findings[name] ?? [],
          ...(name === "up with" ? { settings } : {}),
        }),
      ),
    );

  it("holds what an up changed, without the emulator's differences", () => {
    assert.deepEqual(report(), {
      stack: "dev",
      config: { instanceCount: "2" },
      changes: [
        {
          settings: { desiredCount: "3" },
          resources: [
            { action: "updated", type: "aws:ecs/service:Service", name: "web", properties: ["desiredCount"] },
          ],
          findings: [],
        },
      ],
    });
  });

  it("holds the findings of the preview before it and the one after it, and none of other steps", () => {
    const findings = {
      "preview after up": ["0"],
      preview: ["1"],
      "up with": ["2"],
      "preview after": ["3"],
      state: ["4"],
    };
    assert.deepEqual(report(findings).changes[0]?.findings, ["1", "2", "3"]);
  });
});
