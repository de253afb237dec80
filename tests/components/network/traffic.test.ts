import assert from "node:assert/strict";
import { allowTraffic, clientSecurityGroupIds, type Destination } from "../../../components/network/traffic";
import { register } from "../../support/mocks";

const existing = { port: 5432, existingSecurityGroupId: "sg-theirs", clientSecurityGroupId: "sg-clients" };
const rule = { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, description: "a to b" };

describe("allowTraffic", () => {
  it("opens one TCP port from one group to another, by reference and on both sides", async () => {
    const { inputsOf, all } = await register(() => {
      allowTraffic("a-to-b", { from: "sg-a", to: { securityGroupId: "sg-b", port: 5432 }, description: "a to b" }, {});
    });
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

  const outOnly: [what: string, to: Destination, peer: object][] = [
    ["another program's group", existing, { referencedSecurityGroupId: "sg-theirs" }],
    ["addresses", { port: 5432, cidrIpv4: "0.0.0.0/0" }, { cidrIpv4: "0.0.0.0/0" }],
    ["a prefix list", { port: 5432, prefixListId: "pl-1" }, { prefixListId: "pl-1" }],
  ];
  for (const [what, to, peer] of outOnly) {
    it(`puts no rule into ${what}`, async () => {
      const { inputsOf, all } = await register(() => {
        allowTraffic("a-to-b", { from: "sg-a", to, description: "a to b" }, {});
      });
      const egress = inputsOf("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule");
      assert.deepEqual(egress, { ...rule, securityGroupId: "sg-a", ...peer });
      assert.equal(all.length, 1);
    });
  }

  it("names the groups that clients join", () => {
    const endpoints = { port: 443, securityGroupId: "sg-endpoints" };
    assert.deepEqual(clientSecurityGroupIds({ database: existing, endpoints }), ["sg-clients"]);
    assert.deepEqual(clientSecurityGroupIds({ database: { ...existing, clientSecurityGroupId: undefined } }), []);
  });
});
