import assert from "node:assert/strict";
import { allowTraffic } from "../../../components/network/traffic";
import { register } from "../../support/mocks";

describe("allowTraffic", () => {
  it("opens one TCP port from one group to another, by reference and on both sides", async () => {
    const { inputsOf, all } = await register(() => {
      allowTraffic("a-to-b", { from: "sg-a", to: "sg-b", port: 5432, description: "a to b" }, {});
    });
    const rule = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, description: "a to b" };
    assert.deepEqual(inputsOf("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"), {
      ...rule,
      securityGroupId: "sg-a",
      referencedSecurityGroupId: "sg-b",
    });
    assert.deepEqual(inputsOf("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"), {
      ...rule,
      securityGroupId: "sg-b",
      referencedSecurityGroupId: "sg-a",
    });
    assert.equal(all.length, 2);
  });
});
