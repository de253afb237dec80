import assert from "node:assert/strict";
import * as apiKeyErrors from "../../contract/api-key";
import * as databaseErrors from "../../contract/database-credentials";
import { runbookSections } from "../../contract/runbook";
import * as secretErrors from "../../contract/secret-json";
import { commandNames, help } from "../../ops/command-line";
import { exitCodes } from "../../ops/failure";
import * as rotationErrors from "../../rotation-fn/errors";
import { anchorsOf, firstColumnOf, readDocument } from "../support/markdown";

const runbook = readDocument("docs/runbook.md");

/** The classes that are thrown: abstract ones exist only to be extended. */
function errorClasses(): string[] {
  const exported: readonly unknown[] = Object.values({
    ...apiKeyErrors,
    ...databaseErrors,
    ...secretErrors,
    ...rotationErrors,
  });
  const classes = exported.filter(
    (one): one is ErrorConstructor => typeof one === "function" && one.prototype instanceof Error,
  );
  return classes.filter((one) => !classes.some((other) => other.prototype instanceof one)).map(({ name }) => name);
}

describe("docs/runbook.md", () => {
  it("has every section that alarms and commands point to, once", () => {
    const anchors = anchorsOf(runbook);
    for (const section of runbookSections) {
      assert.equal(anchors.filter((anchor) => anchor === section).length, 1, section);
    }
  });

  it("explains each alarm: its meaning, how to confirm it, what to do, and how to see that it worked", () => {
    const [, alarms = ""] = runbook.split(/^## Alarms$/m);
    const sections = (alarms.split(/^## /m)[0] ?? "").split(/^### /m).slice(1);
    assert.equal(sections.length, 15);
    for (const section of sections) {
      for (const part of ["Means", "Confirm", "Do", "Worked"]) assert(section.includes(`**${part}.**`), section);
    }
  });

  it("lists exactly the error classes that the functions report", () => {
    const classes = errorClasses();
    assert(classes.includes("LoginRefusedError") && !classes.includes("RotationError"));
    assert.deepEqual(firstColumnOf(runbook, "Errors").sort(), classes.sort());
  });

  it("lists the permissions of every command, and every exit code", () => {
    assert.deepEqual(firstColumnOf(runbook, "Permissions"), [...commandNames]);
    const [, section = ""] = runbook.split(/^### Exit codes$/m);
    const codes = [...section.matchAll(/^\| (\d+) +\| (.+?) *\|$/gm)].map(([, code, meaning]) => [code, meaning]);
    assert.deepEqual(
      codes.map(([code]) => Number(code)),
      Object.values(exitCodes),
    );
    const fromHelp = [...help.matchAll(/^ {2}(\d+) +(.+)$/gm)].map(([, code, meaning]) => [code, meaning]);
    assert.deepEqual(
      codes.map(([code, meaning = ""]) => [code, meaning.replaceAll("`", "")]),
      fromHelp,
    );
  });
});
