import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readProject } from "../../engine/stack-config";
import type { ChangesReport } from "../lifecycle/report";
import { readDocument, tableRows } from "../support/markdown";
import { root } from "../support/whole-program";

const folder = join(root, "tests/recorded/changes");
const reports = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as ChangesReport,
);
const changes = reports.flatMap((report) => report.changes);

/** One row of the table: its keys, the code in "what up does", and the last cell. */
const rows = tableRows(readDocument("docs/changing.md"))
  .filter(([, keys = ""]) => keys.startsWith("`"))
  .map(([, keys = "", effect = "", , seen]) => ({ keys: codes(keys), types: codes(effect), seen }));

function codes(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** The last part of a type: `Cluster` of `aws:rds/cluster:Cluster`. */
function shortTypes(keys: readonly string[], actions: readonly string[]): Set<string> {
  const resources = changes
    .filter(({ settings }) => keys.some((key) => key in settings))
    .flatMap((one) => one.resources);
  return new Set(
    resources.filter(({ action }) => actions.includes(action)).map(({ type }) => type.split(":").at(-1) ?? ""),
  );
}

describe("docs/changing.md", () => {
  it("has every configuration key once", () => {
    const keys = rows.flatMap((row) => row.keys);
    assert.deepEqual([...keys].sort(), Object.keys(readProject(root).config).sort());
  });

  it("says that a key was changed on the engine exactly when a recording has it", () => {
    for (const { keys, seen } of rows) {
      for (const key of keys) {
        const isRecorded = changes.some(({ settings }) => key in settings);
        assert.equal(seen, isRecorded ? "yes" : "", key);
      }
    }
  });

  it("names every type for which the engine replaced or deleted a resource", () => {
    assert(changes.length > 10);
    for (const { keys, types } of rows) {
      const gone = [...shortTypes(keys, ["replaced", "deleted"])];
      assert.deepEqual(
        gone.filter((type) => !types.includes(type)),
        [],
        keys.join(", "),
      );
    }
  });

  it("names no type that the engine did not touch", () => {
    const known = new Set(
      changes.flatMap(({ resources }) => resources.map(({ type }) => type.split(":").at(-1) ?? "")),
    );
    for (const { keys, types } of rows) {
      const touched = shortTypes(keys, ["created", "updated", "replaced", "deleted"]);
      assert.deepEqual(
        types.filter((type) => known.has(type) && !touched.has(type)),
        [],
        keys.join(", "),
      );
    }
  });

  it("relies on recordings in which nothing was found wrong", () => {
    assert.deepEqual(
      changes.flatMap(({ findings }) => findings),
      [],
    );
  });
});
