import assert from "node:assert/strict";
import { readProject } from "../../engine/stack-config";
import { readDocument, tableRows } from "../support/markdown";
import { root } from "../support/whole-program";

describe("docs/configuration.md", () => {
  it("has the table of configuration keys that Pulumi.yaml declares, with type, default and meaning", () => {
    const rows = tableRows(readDocument("docs/configuration.md"))
      .filter(
        ([, key, type]) => /^`\w+`$/.test(key ?? "") && /^(string|integer|boolean|object|array)$/.test(type ?? ""),
      )
      .map((cells) => cells.slice(1, 5));
    const declared = Object.entries(readProject(root).config).map(([key, { type, default: value, description }]) => [
      `\`${key}\``,
      type,
      value === "" ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``,
      description,
    ]);
    assert.deepEqual(rows, declared);
  });
});
