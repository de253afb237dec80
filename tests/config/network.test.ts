import assert from "node:assert/strict";
import { isVpcCidrBlock, longestVpcPrefix } from "../../config/network";

describe("isVpcCidrBlock", () => {
  it("leaves each subnet at least /27", () => {
    assert.equal(longestVpcPrefix, 24); // room for four zones of two subnets: /24 → /26 → /27
  });

  for (const block of ["10.0.0.0/16", "172.31.128.0/20", "192.168.5.0/24", "0.0.0.0/16"]) {
    it(`accepts ${block}`, () => {
      assert.equal(isVpcCidrBlock(block), true);
    });
  }

  for (const block of [
    "10.0.0.0/15",
    "10.0.0.0/25",
    "10.0.0.1/16",
    "10.0.256.0/16",
    "10.0.0/16",
    "10.0.0.0",
    "::/16",
    "",
  ]) {
    it(`refuses ${JSON.stringify(block)}`, () => {
      assert.equal(isVpcCidrBlock(block), false);
    });
  }
});
