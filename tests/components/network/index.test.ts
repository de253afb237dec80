import assert from "node:assert/strict";
import { Network, type Egress } from "../../../components/network";
import { register } from "../../support/mocks";

const args = {
  accountId: "123456789012",
  region: "us-east-1",
  availabilityZoneCount: 3,
  vpcCidrBlock: "10.1.0.0/16",
  egress: "none" as Egress,
  logGroupPrefix: "/todo-rotation/test/",
  logRetentionDays: 30,
};

describe("Network", () => {
  it("spreads a public and a private subnet over the zones, with DNS host names", async () => {
    const { inputsOf, result } = await register(() => new Network("network", args).privateSubnetIds);
    assert.deepEqual(inputsOf("awsx:ec2:Vpc"), {
      numberOfAvailabilityZones: 3,
      cidrBlock: "10.1.0.0/16",
      availabilityZoneCidrMask: 18,
      enableDnsHostnames: true,
      natGateways: { strategy: "None" },
      subnetStrategy: "Auto",
      subnetSpecs: [{ type: "Private" }, { type: "Public" }],
    });
    assert.equal(result.length, 3);
  });

  it("keeps the subnets where they are when a zone is added", async () => {
    const masks = [];
    for (const availabilityZoneCount of [2, 3]) {
      const { inputsOf } = await register(() => new Network("network", { ...args, availabilityZoneCount }).vpcId);
      masks.push(inputsOf("awsx:ec2:Vpc").availabilityZoneCidrMask);
    }
    assert.deepEqual(masks, [18, 18]);
  });

  for (const [egress, strategy] of [
    ["none", "None"],
    ["single-nat", "Single"],
    ["nat-per-az", "OnePerAz"],
  ] as const) {
    it(`turns egress ${egress} into the NAT strategy ${strategy}`, async () => {
      const { inputsOf } = await register(() => new Network("network", { ...args, egress }).vpcId);
      assert.deepEqual(inputsOf("awsx:ec2:Vpc").natGateways, { strategy });
    });
  }

  it("closes the VPC's default security group", async () => {
    const { inputsOf, result } = await register(() => new Network("network", args).vpcId);
    assert.deepEqual(inputsOf("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"), { vpcId: result });
  });

  it("logs rejected traffic, with a role for that one log group", async () => {
    const { inputsOf, policyOf } = await register(() => new Network("network", args).vpcId);
    const logGroupArn = "arn:aws:logs:us-east-1:123456789012:log-group:/todo-rotation/test/network";
    const { trafficType, logDestination } = inputsOf("aws:ec2/flowLog:FlowLog");
    assert.deepEqual({ trafficType, logDestination }, { trafficType: "REJECT", logDestination: logGroupArn });
    assert.equal(inputsOf("aws:cloudwatch/logGroup:LogGroup").retentionInDays, 30);
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Resource: unknown }[] };
    assert.deepEqual(Statement[0]?.Resource, [logGroupArn, `${logGroupArn}:*`]);
  });
});
