import * as ec2 from "@pulumi/aws/ec2";
import * as rds from "@pulumi/aws/rds";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { Lookup } from "../lookup";
import type { Destination } from "../network/traffic";
import type { SuperuserSecret } from "../policies";

export interface ExistingDatabaseArgs {
  readonly clusterIdentifier: string;
  /** A security group that the cluster's group admits; undefined if it admits the private subnets. */
  readonly clientSecurityGroupId: string | undefined;
}

export interface FoundDatabase extends ExistingDatabaseArgs {
  readonly clusterArn: string;
  readonly clusterEndpoint: string;
  readonly port: number;
  readonly masterUserSecretArn: string;
  readonly masterUserSecretKeyArn: string;
  /** The cluster's security group that admits the stack. */
  readonly securityGroupId: string;
}

/** Another program's Aurora PostgreSQL cluster, looked up. The stack adds its users and changes nothing else. */
export class ExistingDatabase extends pulumi.ComponentResource {
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly clusterArn: pulumi.Output<string>;
  readonly clusterEndpoint: pulumi.Output<string>;
  readonly superuserSecret: SuperuserSecret;
  readonly port: number;
  readonly destination: Destination;
  /** The other program watches it. */
  readonly capacity = undefined;

  constructor(name: string, found: FoundDatabase, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:ExistingDatabase", name, {}, opts);
    this.clusterIdentifier = pulumi.output(found.clusterIdentifier);
    this.clusterArn = pulumi.output(found.clusterArn);
    this.clusterEndpoint = pulumi.output(found.clusterEndpoint);
    this.superuserSecret = { secretArn: found.masterUserSecretArn, keyArn: found.masterUserSecretKeyArn };
    this.port = found.port;
    const { securityGroupId: existingSecurityGroupId, clientSecurityGroupId } = found;
    this.destination = { port: found.port, existingSecurityGroupId, clientSecurityGroupId };
    this.registerOutputs({ ...found });
  }
}

export interface DatabaseRequirements {
  readonly region: string;
  readonly vpcId: string;
  /** IPv4 blocks that connections come from. */
  readonly clientBlocks: readonly string[];
  /** Users that the stack creates, the service's own first. */
  readonly usernames: readonly string[];
}

const clusterField = "existingDatabase.clusterIdentifier";
/** Of PostgreSQL: bootstrap uses what this version introduced. */
const oldestMajorVersion = 16;

/** @returns undefined when something was refused */
export async function findDatabase(
  lookup: Lookup,
  args: ExistingDatabaseArgs,
  requirements: DatabaseRequirements,
): Promise<FoundDatabase | undefined> {
  const { clusterIdentifier, clientSecurityGroupId } = args;
  const { region, vpcId } = requirements;
  const accepted = `an Aurora cluster of this account in ${region}`;
  const cluster = await lookup.find(clusterField, clusterIdentifier, accepted, () =>
    rds.getCluster({ clusterIdentifier }),
  );
  if (cluster === undefined) return undefined;
  checkKind(lookup, cluster, requirements.usernames);
  const [secret] = cluster.masterUserSecrets;
  if (secret === undefined) {
    lookup.refuse(
      clusterField,
      `"${clusterIdentifier}", whose administrator has no secret`,
      "a cluster whose administrator's password RDS manages: aws rds modify-db-cluster " +
        `--db-cluster-identifier ${clusterIdentifier} --manage-master-user-password --apply-immediately`,
    );
  }
  if (clientSecurityGroupId !== undefined) {
    const field = "existingDatabase.clientSecurityGroupId";
    await lookup.find(field, clientSecurityGroupId, `a security group of ${vpcId}`, () =>
      ec2.getSecurityGroup({ id: clientSecurityGroupId, vpcId }),
    );
  }
  const securityGroupId = await findOpenGroup(lookup, args, cluster, requirements);
  if (secret === undefined || securityGroupId === undefined) return undefined;
  return {
    ...args,
    clusterArn: cluster.arn,
    clusterEndpoint: cluster.endpoint,
    port: cluster.port,
    masterUserSecretArn: secret.secretArn,
    masterUserSecretKeyArn: secret.kmsKeyId,
    securityGroupId,
  };
}

type Cluster = Awaited<ReturnType<typeof rds.getCluster>>;

function checkKind(lookup: Lookup, cluster: Cluster, usernames: readonly string[]): void {
  const { clusterIdentifier, engine, engineVersion, masterUsername } = cluster;
  if (engine !== "aurora-postgresql" || !(Number.parseInt(engineVersion, 10) >= oldestMajorVersion)) {
    lookup.refuse(
      clusterField,
      `"${clusterIdentifier}", ${engine} ${engineVersion}`,
      `aurora-postgresql ${oldestMajorVersion} or later`,
    );
  }
  if (usernames.includes(masterUsername)) {
    const field = usernames[0] === masterUsername ? "username" : "additionalUsers";
    lookup.refuse(field, `"${masterUsername}"`, "another name: the cluster's administrator has this one");
  }
}

/** The cluster's security group that admits the stack. It is read and never changed. */
async function findOpenGroup(
  lookup: Lookup,
  { clusterIdentifier, clientSecurityGroupId }: ExistingDatabaseArgs,
  { port, vpcSecurityGroupIds }: Cluster,
  { vpcId, clientBlocks }: DatabaseRequirements,
): Promise<string | undefined> {
  const clients = { clientSecurityGroupId, clientBlocks };
  const checks = vpcSecurityGroupIds.map(async (id) => {
    const accepted = `a cluster in ${vpcId}, the VPC of existingNetwork: its security group ${id} is in another`;
    const found = await lookup.find(clusterField, clusterIdentifier, accepted, () =>
      ec2.getSecurityGroup({ id, vpcId }),
    );
    if (found === undefined) return "not known";
    const readable = "a cluster whose security group's rules may be read (ec2:DescribeSecurityGroupRules)";
    const rules = await lookup.find(clusterField, clusterIdentifier, readable, () => rulesOf(id));
    if (rules === undefined) return "not known";
    return rules.some((rule) => letsIn(rule, port, clients)) ? id : undefined;
  });
  const groups = await Promise.all(checks);
  if (groups.includes("not known")) return undefined;
  const open = groups.find((id) => id !== undefined);
  if (open !== undefined) return open;
  const [group = "the cluster's security group"] = vpcSecurityGroupIds;
  const who = clientSecurityGroupId ?? `the private subnets, ${clientBlocks.join(", ")}`;
  lookup.refuse(
    clusterField,
    `"${clusterIdentifier}", whose security groups do not admit ${who}`,
    `a cluster with a rule for it: aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp ` +
      `--port ${port} --source-group ${clientSecurityGroupId ?? "sg-…"}` +
      (clientSecurityGroupId === undefined ? ", with that group as existingDatabase.clientSecurityGroupId" : ""),
  );
  return undefined;
}

type Rule = Awaited<ReturnType<typeof vpc.getSecurityGroupRule>>;

async function rulesOf(securityGroupId: string): Promise<Rule[]> {
  const { ids } = await vpc.getSecurityGroupRules({ filters: [{ name: "group-id", values: [securityGroupId] }] });
  return Promise.all(ids.map((id) => vpc.getSecurityGroupRule({ securityGroupRuleId: id })));
}

function letsIn(
  rule: Rule,
  port: number,
  clients: { readonly clientSecurityGroupId: string | undefined; readonly clientBlocks: readonly string[] },
): boolean {
  const isAllProtocols = rule.ipProtocol === "-1";
  const isPort = rule.ipProtocol === "tcp" && rule.fromPort <= port && port <= rule.toPort;
  if (rule.isEgress || !(isAllProtocols || isPort)) return false;
  if (clients.clientSecurityGroupId !== undefined && rule.referencedSecurityGroupId === clients.clientSecurityGroupId)
    return true;
  // Prefix lists are not looked into: a wrong one shows when bootstrap logs in.
  if (rule.prefixListId) return true;
  return rule.cidrIpv4 !== "" && clients.clientBlocks.every((block) => contains(rule.cidrIpv4, block));
}

/** Whether one IPv4 block, in CIDR notation, is inside another. */
export function contains(outer: string, inner: string): boolean {
  const [outerBlock, innerBlock] = [parseBlock(outer), parseBlock(inner)];
  const size = 2 ** (32 - outerBlock.prefix);
  return (
    innerBlock.prefix >= outerBlock.prefix &&
    Math.floor(innerBlock.address / size) === Math.floor(outerBlock.address / size)
  );
}

function parseBlock(block: string): { readonly address: number; readonly prefix: number } {
  const [address = "", prefix] = block.split("/");
  return { address: address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0), prefix: Number(prefix) };
}
