import assert from "node:assert/strict";
import { Network, type Egress } from "../../../components/network";
import { functionArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const args = {
  ...functionArgs,
  availabilityZoneCount: 3,
  vpcCidrBlock: "10.1.0.0/16",
  egress: "none" as Egress,
};
const build = (overrides: Partial<typeof args> = {}) =>
  register(() => {
    const { vpcId, privateSubnetIds } = new Network("network", { ...args, ...overrides });
    return { vpcId, privateSubnetIds };
  });

describe("Network", () => {
  it("spreads a public and a private subnet over the zones, with DNS host names", async () => {
    const { inputsOf, result } = await build();
    assert.deepEqual(inputsOf("awsx:ec2:Vpc"), {
      numberOfAvailabilityZones: 3,
      cidrBlock: "10.1.0.0/16",
      availabilityZoneCidrMask: 18,
      enableDnsHostnames: true,
      natGateways: { strategy: "None" },
      subnetStrategy: "Auto",
      subnetSpecs: [{ type: "Private" }, { type: "Public" }],
    });
    assert.equal(result.privateSubnetIds.length, 3);
  });

  it("keeps the subnets where they are when a zone is added", async () => {
    const { inputsOf } = await build({ availabilityZoneCount: 2 });
    assert.equal(inputsOf("awsx:ec2:Vpc").availabilityZoneCidrMask, 18, "as with three");
  });

  for (const [egress, strategy] of [
    ["none", "None"],
    ["single-nat", "Single"],
    ["nat-per-az", "OnePerAz"],
  ] as const) {
    it(`turns egress ${egress} into the NAT strategy ${strategy}`, async () => {
      const { inputsOf } = await build({ egress });
      assert.deepEqual(inputsOf("awsx:ec2:Vpc").natGateways, { strategy });
    });
  }

  it("closes the VPC's default security group", async () => {
    const { inputsOf, result } = await build();
    assert.deepEqual(inputsOf("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"), { vpcId: result.vpcId });
  });

  it("logs rejected traffic, with a role for that one log group", async () => {
    const { inputsOf, policyOf } = await build();
    const logGroupArn = "arn:aws:logs:us-east-1:123456789012:log-group:/todo-rotation/test/network";
    const { trafficType, logDestination } = inputsOf("aws:ec2/flowLog:FlowLog");
    assert.deepEqual({ trafficType, logDestination }, { trafficType: "REJECT", logDestination: logGroupArn });
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy");
    assert.deepEqual(Statement[0]?.Resource, [logGroupArn, `${logGroupArn}:*`]);
  });
});
