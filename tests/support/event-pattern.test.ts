import assert from "node:assert/strict";
import { matchesPattern } from "./event-pattern";

const event = {
  source: "aws.example",
  resources: ["arn:one", "arn:two"],
  detail: { state: "failed", count: 3, retried: false, reason: null },
};

describe("matchesPattern", () => {
  for (const [says, pattern, expected] of [
    ["one of the values", { source: ["aws.other", "aws.example"] }, true],
    ["no other value", { source: ["aws.other"] }, false],
    ["no other case", { source: ["AWS.example"] }, false],
    ["no part of a value", { source: ["aws"] }, false],
    ["an element of an event's array", { resources: ["arn:two"] }, true],
    ["no element that is not there", { resources: ["arn:three"] }, false],
    ["fields inside fields", { detail: { state: ["failed"] } }, true],
    ["all fields, not some", { source: ["aws.example"], detail: { state: ["succeeded"] } }, false],
    ["numbers, booleans and null", { detail: { count: [3], retried: [false], reason: [null] } }, true],
    ["a number, not its text", { detail: { count: ["3"] } }, false],
    ["no field that is missing", { detail: { missing: [null] } }, false],
    ["nothing inside a field that is missing", { missing: { state: ["failed"] } }, false],
    ["nothing inside a field that is no object", { source: { state: ["failed"] } }, false],
  ] as const) {
    it(`matches ${says}`, () => {
      assert.equal(matchesPattern(pattern, event), expected);
    });
  }

  for (const [says, pattern, message] of [
    ["an operator", { source: [{ prefix: "aws." }] }, /prefix.*does not know/],
    ["an operator behind a field that does not match", { region: ["x"], source: [{ exists: true }] }, /exists/],
    ["$or", { $or: [{ source: ["aws.example"] }] }, /\$or.*does not know/],
    ["a value without brackets", { source: "aws.example" }, /accepted is an array/],
    ["no values", { source: [] }, /empty array/],
    ["no fields", {}, /empty pattern/],
    ["fields of an array's elements", { resources: { state: ["failed"] } }, /objects in an event's arrays/],
  ] as const) {
    it(`refuses ${says}`, () => {
      assert.throws(() => matchesPattern(pattern, event), message);
    });
  }
});
