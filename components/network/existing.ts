import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import type { Lookup } from "../lookup";

export interface ExistingNetworkArgs {
  readonly vpcId: string;
  /** For the load balancer; none if there is no service. */
  readonly publicSubnetIds: string[];
  /** For everything else. */
  readonly privateSubnetIds: string[];
}

const fewestZones = 2; // a load balancer needs this many

/** Another program's network, looked up: used as it is, never changed. */
export class ExistingNetwork extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;

  constructor(name: string, args: ExistingNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:ExistingNetwork", name, {}, opts);
    this.vpcId = pulumi.output(args.vpcId);
    this.publicSubnetIds = pulumi.output(args.publicSubnetIds);
    this.privateSubnetIds = pulumi.output(args.privateSubnetIds);
    this.registerOutputs({ ...args });
  }
}

/**
 * Checks that the network exists and fits the stack.
 *
 * @returns the private subnets' IPv4 blocks, as far as they were found; undefined without a VPC
 */
export async function checkNetwork(
  lookup: Lookup,
  args: ExistingNetworkArgs,
  region: string,
): Promise<string[] | undefined> {
  const field = "existingNetwork.vpcId";
  const vpc = await lookup.find(field, args.vpcId, `a VPC of this account in ${region}`, () =>
    ec2.getVpc({ id: args.vpcId }),
  );
  if (vpc === undefined) return undefined;
  if (!vpc.enableDnsSupport) {
    lookup.refuse(field, `"${args.vpcId}" without DNS`, "a VPC with enableDnsSupport, to resolve the names of hosts");
  }
  const [, privateBlocks] = await Promise.all([
    checkSubnets(lookup, args, "publicSubnetIds", isPublic, "a route to an internet gateway, for the load balancer"),
    checkSubnets(
      lookup,
      args,
      "privateSubnetIds",
      async (routes) => hasWayOut(routes) || (await hasSecretsManagerEndpoint(args.vpcId, region)),
      `a route to 0.0.0.0/0 by NAT, or an endpoint of com.amazonaws.${region}.secretsmanager with private DNS in the VPC`,
    ),
  ]);
  return privateBlocks;
}

type Routes = Awaited<ReturnType<typeof ec2.getRouteTable>>["routes"];

async function checkSubnets(
  lookup: Lookup,
  args: ExistingNetworkArgs,
  key: "publicSubnetIds" | "privateSubnetIds",
  accepts: (routes: Routes) => boolean | Promise<boolean>,
  acceptedRoutes: string,
): Promise<string[]> {
  const field = `existingNetwork.${key}`;
  const { vpcId } = args;
  const checks = args[key].map(async (id) => {
    const subnet = await lookup.find(field, id, `a subnet of ${vpcId}`, () => ec2.getSubnet({ id, vpcId }));
    if (subnet === undefined) return [];
    const routes = await lookup.find(field, id, "a subnet with a route table", () => routesOf(id, vpcId));
    if (routes !== undefined && !(await accepts(routes)))
      lookup.refuse(field, `"${id}"`, `a subnet with ${acceptedRoutes}`);
    return [subnet];
  });
  const subnets = (await Promise.all(checks)).flat();
  const zones = new Set(subnets.map(({ availabilityZone }) => availabilityZone));
  if (subnets.length > 0 && subnets.length === args[key].length && zones.size < fewestZones) {
    lookup.refuse(field, `subnets only in ${[...zones].join(", ")}`, `subnets in ${fewestZones} or more zones`);
  }
  return subnets.map(({ cidrBlock }) => cidrBlock);
}

/** A subnet without a route table of its own uses the VPC's main one. */
async function routesOf(subnetId: string, vpcId: string): Promise<Routes> {
  const main = { vpcId, filters: [{ name: "association.main", values: ["true"] }] };
  const table = await ec2.getRouteTable({ subnetId }).catch(() => ec2.getRouteTable(main));
  return table.routes;
}

const isDefault = ({ cidrBlock }: Routes[number]): boolean => cidrBlock === "0.0.0.0/0";

const isToInternetGateway = ({ gatewayId }: Routes[number]): boolean => gatewayId.startsWith("igw-");

/** Functions have no public address, so an internet gateway is no way out for them. */
function hasWayOut(routes: Routes): boolean {
  return routes.some((route) => isDefault(route) && !isToInternetGateway(route));
}

function isPublic(routes: Routes): boolean {
  return routes.some((route) => isDefault(route) && isToInternetGateway(route));
}

async function hasSecretsManagerEndpoint(vpcId: string, region: string): Promise<boolean> {
  const serviceName = `com.amazonaws.${region}.secretsmanager`;
  const endpoint = await ec2.getVpcEndpoint({ vpcId, serviceName }).catch(() => undefined);
  return endpoint?.privateDnsEnabled ?? false;
}
