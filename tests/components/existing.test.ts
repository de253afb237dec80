import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { lookUpExisting, type ExistingArgs } from "../../components/existing";
import { contains } from "../../components/database/existing";
import { recordedPlace } from "../../engine/recording";
import { invoke, type Properties } from "../../engine/stand-ins";

const existingNetwork = {
  vpcId: "vpc-0123456789abcdef0",
  publicSubnetIds: ["subnet-public-1", "subnet-public-2"],
  privateSubnetIds: ["subnet-private-1", "subnet-private-2"],
};
const existingDatabase = { clusterIdentifier: "shop", clientSecurityGroupId: undefined as string | undefined };
const args: ExistingArgs = { region: "us-east-1", existingNetwork, existingDatabase, users: [{ username: "todo" }] };

/** Answers of AWS that differ from what the stack needs, by the provider's function. */
type Answers = Readonly<Record<string, (args: Properties) => Properties>>;

async function lookUp(answers: Answers = {}, changes: Partial<ExistingArgs> = {}) {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type }) => assert.fail(`${type} was registered`),
      call: ({ token, inputs }) => {
        const answer = answers[token.split(":").at(-1) ?? ""];
        return { ...invoke(token, inputs as Properties, recordedPlace), ...answer?.(inputs as Properties) };
      },
    },
    "todo-rotation",
    "test",
  );
  return lookUpExisting({ ...args, ...changes });
}

/** In gRPC's wording. */
const notFound = (): never => {
  const details = "invocation of aws:ec2/x:x returned an error: invoking aws:ec2/x:x: no matching EC2 thing found";
  throw Object.assign(new Error(details), { details });
};
const rule = (changes: Properties): Answers => ({ getSecurityGroupRule: () => changes });
const isOne =
  (id: string, answer: () => Properties) =>
  (inputs: Properties): Properties =>
    inputs.id === id || inputs.subnetId === id ? answer() : {};

describe("lookUpExisting", () => {
  it("finds network and cluster, and registers nothing", async () => {
    const { network, database } = await lookUp();
    assert.deepEqual(network, existingNetwork);
    assert.deepEqual(database, {
      ...existingDatabase,
      clusterArn: "arn:aws:rds:us-east-1:123456789012:cluster:shop",
      clusterEndpoint: "shop.cluster-1.us-east-1.rds.amazonaws.com",
      port: 5432,
      masterUserSecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf",
      masterUserSecretKeyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
      securityGroupId: "sg-1",
    });
  });

  it("looks up nothing if the stack creates both itself", async () => {
    const nothing = { existingNetwork: undefined, existingDatabase: undefined };
    assert.deepEqual(await lookUp({ getVpc: notFound }, nothing), { network: undefined, database: undefined });
  });

  it("accepts a network alone", async () => {
    assert.equal((await lookUp({ getCluster: notFound }, { existingDatabase: undefined })).database, undefined);
  });

  const accepted: [what: string, answers: Answers, clientSecurityGroupId?: string][] = [
    ["a rule for the client group", rule({ cidrIpv4: "", referencedSecurityGroupId: "sg-clients" }), "sg-clients"],
    ["a rule for all protocols", rule({ ipProtocol: "-1", fromPort: -1, toPort: -1 })],
    ["a rule for a prefix list, which may hold the subnets", rule({ cidrIpv4: "", prefixListId: "pl-1" })],
    [
      "private subnets that reach Secrets Manager by an endpoint alone",
      {
        getRouteTable: ({ subnetId }) =>
          String(subnetId).startsWith("subnet-private") ? { routes: [{ cidrBlock: "10.0.0.0/16" }] } : {},
        getVpcEndpoint: () => ({ privateDnsEnabled: true }),
      },
    ],
    [
      "the VPC's main route table",
      {
        getRouteTable: ({ subnetId }) => (subnetId === undefined ? {} : notFound()),
      },
    ],
  ];
  for (const [what, answers, clientSecurityGroupId] of accepted) {
    it(`accepts ${what}`, async () => {
      const database = { ...existingDatabase, clientSecurityGroupId };
      assert.equal((await lookUp(answers, { existingDatabase: database })).database?.securityGroupId, "sg-1");
    });
  }

  const refused: [what: string, message: RegExp, answers: Answers, changes?: Partial<ExistingArgs>][] = [
    [
      "a VPC that is not there, or in another Region",
      /vpcId: received "vpc-0123456789abcdef0", accepted is a VPC of this account in us-east-1\. AWS says: no matching EC2 thing found/,
      { getVpc: notFound },
    ],
    [
      "a VPC without DNS",
      /vpcId: .*without DNS, accepted is .*enableDnsSupport/,
      { getVpc: () => ({ enableDnsSupport: false }) },
    ],
    [
      "a subnet that is not there, or in another VPC",
      /privateSubnetIds: received "subnet-private-2", accepted is a subnet of vpc-/,
      { getSubnet: isOne("subnet-private-2", notFound) },
    ],
    [
      "subnets in one zone",
      /publicSubnetIds: received subnets only in us-east-1a/,
      { getSubnet: () => ({ availabilityZone: "us-east-1a" }) },
    ],
    [
      "a public subnet without an internet gateway",
      /publicSubnetIds: received "subnet-public-1", accepted is a subnet with a route to an internet gateway/,
      { getRouteTable: isOne("subnet-public-1", () => ({ routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "" }] })) },
    ],
    [
      "private subnets that do not reach Secrets Manager",
      /privateSubnetIds: .*0\.0\.0\.0\/0 by NAT, or an endpoint of com\.amazonaws\.us-east-1\.secretsmanager/,
      { getRouteTable: isOne("subnet-private-1", () => ({ routes: [] })), getVpcEndpoint: notFound },
    ],
    [
      "private subnets whose way out is an internet gateway, which functions cannot use",
      /privateSubnetIds: received "subnet-private-1", accepted is a subnet with a route to 0\.0\.0\.0\/0 by NAT/,
      { getVpcEndpoint: notFound },
    ],
    [
      "an endpoint without private DNS",
      /privateSubnetIds: .*with private DNS/,
      {
        getRouteTable: isOne("subnet-private-1", () => ({ routes: [] })),
        getVpcEndpoint: () => ({ privateDnsEnabled: false }),
      },
    ],
    [
      "a cluster that is not there",
      /clusterIdentifier: received "shop", accepted is an Aurora cluster of this account in us-east-1/,
      { getCluster: notFound },
    ],
    [
      "another engine",
      /received "shop", aurora-mysql 8\.0, accepted is aurora-postgresql 16 or later/,
      { getCluster: () => ({ engine: "aurora-mysql", engineVersion: "8.0" }) },
    ],
    ["an old version", /received "shop", aurora-postgresql 15\.6/, { getCluster: () => ({ engineVersion: "15.6" }) }],
    [
      "an administrator without a secret",
      /whose administrator has no secret.*modify-db-cluster --db-cluster-identifier shop --manage-master-user-password/,
      { getCluster: () => ({ masterUserSecrets: [] }) },
    ],
    [
      "the administrator's name for a user",
      /username: received "administrator"/,
      {},
      { users: [{ username: "administrator" }] },
    ],
    [
      "the administrator's name for an additional user",
      /additionalUsers: received "administrator"/,
      {},
      { users: [{ username: "todo" }, { username: "administrator" }] },
    ],
    [
      "a cluster whose rules may not be read",
      /clusterIdentifier: .*rules may be read \(ec2:DescribeSecurityGroupRules\)\. AWS says: no matching/,
      { getSecurityGroupRules: notFound },
    ],
    [
      "a cluster in another VPC",
      /clusterIdentifier: .*in vpc-0123456789abcdef0, the VPC of existingNetwork/,
      { getSecurityGroup: isOne("sg-1", notFound) },
    ],
    [
      "a client group that is not there",
      /clientSecurityGroupId: received "sg-clients", accepted is a security group of vpc-/,
      { getSecurityGroup: isOne("sg-clients", notFound) },
      { existingDatabase: { ...existingDatabase, clientSecurityGroupId: "sg-clients" } },
    ],
    [
      "a rule for another group",
      /do not admit sg-clients, .*authorize-security-group-ingress --group-id sg-1 --protocol tcp --port 5432 --source-group sg-clients/,
      rule({ cidrIpv4: "", referencedSecurityGroupId: "sg-others" }),
      { existingDatabase: { ...existingDatabase, clientSecurityGroupId: "sg-clients" } },
    ],
    [
      "a rule for other addresses",
      /do not admit the private subnets, 10\.0\.0\.0\/24/,
      rule({ cidrIpv4: "192.168.0.0/16" }),
    ],
    ["a rule for another port", /do not admit/, rule({ fromPort: 3306, toPort: 3306 })],
    ["a rule for UDP", /do not admit/, rule({ ipProtocol: "udp" })],
    ["a rule out of the group", /do not admit/, rule({ isEgress: true })],
  ];
  for (const [what, message, answers, changes] of refused) {
    it(`refuses ${what}`, async () => {
      const error: unknown = await lookUp(answers, changes).catch((reason: unknown) => reason);
      assert(pulumi.RunError.isInstance(error), String(error));
      assert.match(error.message, message);
      assert.match(error.message, /nothing was registered or changed/);
    });
  }

  it("reports everything that it refuses", async () => {
    const answers = { getVpc: () => ({ enableDnsSupport: false }), getCluster: () => ({ engine: "aurora-mysql" }) };
    await assert.rejects(lookUp(answers), /existingNetwork\.vpcId[^]*existingDatabase\.clusterIdentifier/);
  });
});

describe("contains", () => {
  for (const [outer, inner, expected] of [
    ["10.0.0.0/8", "10.255.0.0/24", true],
    ["10.0.0.0/16", "10.1.0.0/24", false],
    ["10.0.0.0/24", "10.0.0.0/16", false],
    ["10.0.1.0/24", "10.0.1.0/24", true],
    ["0.0.0.0/0", "192.168.1.0/24", true],
    ["192.168.1.7/32", "192.168.1.0/24", false],
  ] as const) {
    it(`${outer} ${expected ? "holds" : "does not hold"} ${inner}`, () => {
      assert.equal(contains(outer, inner), expected);
    });
  }
});
