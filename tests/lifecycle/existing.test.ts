import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describeExisting } from "./existing";

const existing = {
  existingNetwork: { vpcId: "vpc-1", publicSubnetIds: [], privateSubnetIds: [] },
  existingDatabase: { clusterIdentifier: "existing", clientSecurityGroupId: "sg-1" },
};

describe("the description of an existing network and cluster", () => {
  let rule = "none";
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    response.end(`<a><requestId>${(requests += 1)}</requestId><rule>${rule}</rule></a>`);
  });
  let url = "";
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("is the same for each call that finds the same, and another one after a change", async () => {
    const description = await describeExisting(url, existing);
    assert.equal(await describeExisting(url, existing), description);
    rule = "added";
    assert.notEqual(await describeExisting(url, existing), description);
    assert.equal(requests, 3 * 7);
  });
});
