import assert from "node:assert/strict";
import { findUnknowns, renderCounts, renderTree, type Resource } from "../../engine/graph";

const resource = (urn: string, type: string, parent?: string, kept: Partial<Resource> = {}): Resource => ({
  ...{ urn, type, parent, protect: false, retainOnDelete: false },
  ...{ name: urn, custom: true, inputs: {}, dependencies: [] },
  ...kept,
});
const resources = [
  resource("stack", "pulumi:pulumi:Stack"),
  resource("z", "a:b:C", "stack"),
  resource("a", "a:b:C", "stack", { protect: true }),
  resource("child", "a:b:D", "z", { protect: true, retainOnDelete: true }),
];
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("graph", () => {
  it("renders siblings in alphabetical order below their parent, and what is kept", () => {
    const kept = ["  a:b:C  a  (protected)", "  a:b:C  z", "    a:b:D  child  (protected)  (retained)"];
    const tree = ["pulumi:pulumi:Stack  stack", ...kept];
    assert.equal(renderTree([...resources].reverse()), tree.join("\n"));
  });

  it("counts each type, the most frequent first", () => {
    assert.equal(renderCounts(resources), "   2  a:b:C\n   1  a:b:D\n   1  pulumi:pulumi:Stack");
  });

  it("names the path of unknown values, also inside a text", () => {
    assert.deepEqual(findUnknowns({ a: [1, unknown], b: { c: `x${unknown}` }, d: "known" }), ["a.1", "b.c"]);
  });
});
