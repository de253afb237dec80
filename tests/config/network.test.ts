import assert from "node:assert/strict";
import { isVpcCidrBlock, longestVpcPrefix } from "../../config/network";

describe("isVpcCidrBlock", () => {
  it("leaves each subnet at least /27", () => {
    assert.equal(longestVpcPrefix(2), 25); // two zones of two subnets: /25 → /26 → /27
    assert.equal(longestVpcPrefix(3), 24); // three zones take the room of four
  });

  for (const block of ["10.0.0.0/16", "172.31.128.0/20", "192.168.5.128/25", "0.0.0.0/16"]) {
    it(`accepts ${block}`, () => {
      assert.equal(isVpcCidrBlock(block, 2), true);
    });
  }

  for (const block of [
    "10.0.0.0/15",
    "10.0.0.0/26",
    "10.0.0.1/16",
    "10.0.256.0/16",
    "10.0.0/16",
    "10.0.0.0",
    "::/16",
    "",
  ]) {
    it(`refuses ${JSON.stringify(block)}`, () => {
      assert.equal(isVpcCidrBlock(block, 2), false);
    });
  }
});
