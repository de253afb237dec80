import assert from "node:assert/strict";
import { serve } from "../support/http";
import { describeExisting } from "./existing";

const existing = {
  existingNetwork: { vpcId: "vpc-1", publicSubnetIds: [], privateSubnetIds: [] },
  existingDatabase: { clusterIdentifier: "existing", clientSecurityGroupId: "sg-1" },
};

describe("the description of an existing network and cluster", () => {
  it("is the same for each call that finds the same, and another one after a change", async () => {
    let rule = "none";
    let requests = 0;
    const { url, stop } = await serve((request, response) => {
      request.resume();
      response.end(`<a><requestId>${(requests += 1)}</requestId><rule>${rule}</rule></a>`);
    });
    const description = await describeExisting(url, existing);
    assert.equal(await describeExisting(url, existing), description);
    rule = "added";
    assert.notEqual(await describeExisting(url, existing), description);
    assert.equal(requests, 3 * 7);
    await stop();
  });
});
