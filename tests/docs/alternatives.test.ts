import assert from "node:assert/strict";
import { countLogins, readRecording, type RecordedRotation } from "../aws-templates/recording";
import { readDocument, tableRows } from "../support/markdown";

/** The cells of the table row that begins with this text. */
function cellsOf(markdown: string, first: string): string[] {
  return (
    tableRows(markdown)
      .find(([, cell]) => cell === first)
      ?.slice(2, -1) ?? []
  );
}

function figuresOf({ steps, logins, failedLogins, passwordInServerLog }: RecordedRotation): string[] {
  const calls = steps.flatMap((step) => step.calls).length;
  return [...[calls, logins, failedLogins].map(String), passwordInServerLog ? "yes" : "no"];
}

describe("docs/alternatives.md", () => {
  const document = readDocument("docs/alternatives.md");

  for (const [strategy, row] of [
    ["single-user", "AWS's template, single user"],
    ["alternating-users", "AWS's template, alternating users"],
  ] as const) {
    it(`counts what was recorded of ${row}`, () => {
      const rotations = readRecording(strategy).rotations.filter(({ name }) => name !== "repeated");
      assert.equal(rotations.length, 2);
      for (const rotation of rotations) assert.deepEqual(cellsOf(document, row), figuresOf(rotation));
    });

    it(`has the figures of ${strategy} that npm run bench wrote`, () => {
      const measured = cellsOf(readDocument("bench/RESULTS.md"), strategy).slice(0, 3);
      assert.equal(measured.length, 3);
      assert.deepEqual(cellsOf(document, `this project, \`${strategy}\``).slice(0, 3), measured);
    });
  }

  it("fails the check when a figure differs from the recording", () => {
    const [first] = readRecording("single-user").rotations;
    assert(first);
    const wrong = document.replace(/(\| AWS's template, single user +\|) 14/, "$1 13");
    assert.notDeepEqual(cellsOf(wrong, "AWS's template, single user"), figuresOf(first));
    assert.notDeepEqual(figuresOf({ ...first, failedLogins: 0 }), figuresOf(first));
  });

  it("counts granted and refused logins", () => {
    const log = [
      "LOG:  connection received: host=127.0.0.1",
      'FATAL:  password authentication failed for user "todo"',
      "LOG:  connection authorized: user=todo database=todo",
      "LOG:  connection authorized: user=todo database=todo",
    ];
    const text = log.map((line) => `2026-01-01 00:00:00 UTC [1] todo@todo ${line}\n`).join("");
    assert.deepEqual(countLogins(text), { logins: 2, failedLogins: 1 });
  });
});
