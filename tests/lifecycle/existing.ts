import { LifecycleError } from "./failure";
import { query, readElement, region } from "./moto";

/** Another program's network and cluster, in moto, as the configuration names them. */
export interface Existing {
  readonly existingNetwork: { vpcId: string; publicSubnetIds: string[]; privateSubnetIds: string[] };
  readonly existingDatabase: { clusterIdentifier: string; clientSecurityGroupId: string };
}

type Parameters = Readonly<Record<string, string>>;

async function call(url: string, service: "ec2" | "rds", Action: string, parameters: Parameters): Promise<string> {
  const { isOk, xml } = await query(url, service, Action, parameters);
  if (!isOk) throw new LifecycleError(`moto at ${url} refuses ${Action}: ${xml}`);
  return xml;
}

/**
 * Creates both: a subnet of each kind in two zones, an endpoint of Secrets Manager, a group that the cluster's group
 * admits.
 */
export async function makeExisting(url: string): Promise<Existing> {
  const make: Make = async (Action, id, parameters = {}) => readElement(await call(url, "ec2", Action, parameters), id);
  const VpcId = await make("CreateVpc", "vpcId", { CidrBlock: "10.1.0.0/16" });
  const makeSubnet = (third: number, zone: string) =>
    make("CreateSubnet", "subnetId", { VpcId, CidrBlock: `10.1.${third}.0/24`, AvailabilityZone: region + zone });
  const publicSubnetIds = [await makeSubnet(0, "a"), await makeSubnet(1, "b")];
  const privateSubnetIds = [await makeSubnet(2, "a"), await makeSubnet(3, "b")];
  await makePublic(url, make, VpcId, publicSubnetIds);
  await call(url, "ec2", "CreateVpcEndpoint", {
    ...{ VpcId, ServiceName: `com.amazonaws.${region}.secretsmanager`, VpcEndpointType: "Interface" },
    ...{ PrivateDnsEnabled: "true", "SubnetId.1": privateSubnetIds[0] ?? "" },
  });
  const makeGroup = (GroupName: string) =>
    make("CreateSecurityGroup", "groupId", { VpcId, GroupName, GroupDescription: GroupName });
  const [clientSecurityGroupId, clusterGroup] = [await makeGroup("clients"), await makeGroup("cluster")];
  await call(url, "ec2", "AuthorizeSecurityGroupIngress", {
    ...{ GroupId: clusterGroup, "IpPermissions.1.IpProtocol": "tcp", "IpPermissions.1.FromPort": "5432" },
    ...{ "IpPermissions.1.ToPort": "5432", "IpPermissions.1.Groups.1.GroupId": clientSecurityGroupId },
  });
  await makeCluster(url, privateSubnetIds, clusterGroup);
  const existingNetwork = { vpcId: VpcId, publicSubnetIds, privateSubnetIds };
  return { existingNetwork, existingDatabase: { clusterIdentifier, clientSecurityGroupId } };
}

const clusterIdentifier = "existing";

/** Creates something. @returns the element of the answer that holds its id */
type Make = (action: string, id: string, parameters?: Parameters) => Promise<string>;

async function makePublic(url: string, make: Make, VpcId: string, subnetIds: readonly string[]): Promise<void> {
  const GatewayId = await make("CreateInternetGateway", "internetGatewayId");
  await call(url, "ec2", "AttachInternetGateway", { VpcId, InternetGatewayId: GatewayId });
  const RouteTableId = await make("CreateRouteTable", "routeTableId", { VpcId });
  await call(url, "ec2", "CreateRoute", { RouteTableId, GatewayId, DestinationCidrBlock: "0.0.0.0/0" });
  for (const SubnetId of subnetIds) await call(url, "ec2", "AssociateRouteTable", { RouteTableId, SubnetId });
}

async function makeCluster(url: string, subnetIds: readonly string[], securityGroupId: string): Promise<void> {
  const subnets = Object.fromEntries(subnetIds.map((id, i) => [`SubnetIds.SubnetIdentifier.${i + 1}`, id]));
  await call(url, "rds", "CreateDBSubnetGroup", {
    ...{ DBSubnetGroupName: "existing", DBSubnetGroupDescription: "existing" },
    ...subnets,
  });
  await call(url, "rds", "CreateDBCluster", {
    ...{ DBClusterIdentifier: clusterIdentifier, Engine: "aurora-postgresql", EngineVersion: "17.4" },
    ...{ DatabaseName: "shop", MasterUsername: "administrator", ManageMasterUserPassword: "true" },
    ...{ DBSubnetGroupName: "existing", "VpcSecurityGroupIds.VpcSecurityGroupId.1": securityGroupId },
  });
}

/** AWS's description of them, without what differs from call to call. */
export async function describeExisting(url: string, { existingNetwork, existingDatabase }: Existing): Promise<string> {
  const ofVpc = { "Filter.1.Name": "vpc-id", "Filter.1.Value.1": existingNetwork.vpcId };
  const groups = { "GroupId.1": existingDatabase.clientSecurityGroupId };
  const cluster = { DBClusterIdentifier: existingDatabase.clusterIdentifier };
  const texts = [
    await call(url, "ec2", "DescribeVpcs", ofVpc),
    await call(url, "ec2", "DescribeSubnets", ofVpc),
    await call(url, "ec2", "DescribeRouteTables", ofVpc),
    await call(url, "ec2", "DescribeVpcEndpoints", ofVpc),
    await call(url, "ec2", "DescribeSecurityGroups", groups),
    await call(url, "ec2", "DescribeSecurityGroups", { "Filter.1.Name": "group-name", "Filter.1.Value.1": "cluster" }),
    await call(url, "rds", "DescribeDBClusters", cluster),
  ];
  return texts.join("\n").replace(/<(requestId|RequestId|LatestRestorableTime)>[^<]*</g, "<$1><");
}
