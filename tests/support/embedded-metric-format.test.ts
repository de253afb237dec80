import assert from "node:assert/strict";
import { readDataPoints } from "./embedded-metric-format";

const directive = { Namespace: "Example", Dimensions: [["Name"]], Metrics: [{ Name: "Age", Unit: "Count" }] };
const metadata = { Timestamp: 1_700_000_000_000, CloudWatchMetrics: [directive] };

describe("the reader of the embedded metric format", () => {
  it("reads a line as CloudWatch does", () => {
    assert.deepEqual(readDataPoints([JSON.stringify({ _aws: metadata, Name: "one", Age: 1.5 })]), [
      { namespace: "Example", name: "Age", unit: "Count", dimensions: { Name: "one" }, value: 1.5 },
    ]);
  });

  it("ignores lines that are not metrics", () => {
    assert.deepEqual(readDataPoints(["START", '{"message":"succeeded"}', "1", "null"]), []);
  });

  const wrong: [what: string, document: object][] = [
    ["a metric without its value", { _aws: metadata, Name: "one" }],
    ["a value that is text", { _aws: metadata, Name: "one", Age: "1" }],
    ["a dimension without its value", { _aws: metadata, Age: 1 }],
    ["a dimension that is a number", { _aws: metadata, Name: 1, Age: 1 }],
    ["no time", { _aws: { ...metadata, Timestamp: undefined }, Name: "one", Age: 1 }],
    ["a time that is text", { _aws: { ...metadata, Timestamp: "now" }, Name: "one", Age: 1 }],
    ["no directive", { _aws: { ...metadata, CloudWatchMetrics: [] }, Name: "one", Age: 1 }],
    ...(
      [
        ["no namespace", { Namespace: undefined }],
        ["dimensions that are no sets", { Dimensions: ["Name"] }],
        ["a unit that CloudWatch does not know", { Metrics: [{ Name: "Age", Unit: "Days" }] }],
        ["a metric without a name", { Metrics: [{ Unit: "Count" }] }],
      ] as const
    ).map(([what, change]): [string, object] => [
      what,
      { _aws: { ...metadata, CloudWatchMetrics: [{ ...directive, ...change }] }, Name: "one", Age: 1 },
    ]),
  ];
  for (const [what, document] of wrong) {
    it(`refuses ${what}, which CloudWatch would drop silently`, () => {
      assert.throws(() => readDataPoints([JSON.stringify(document)]), /^Error: no embedded metric format/);
    });
  }
});
