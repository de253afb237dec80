import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import { Vpc } from "../awsx";
import * as pulumi from "@pulumi/pulumi";
import { flowLogStatements, serviceRole } from "../policies";
import type { LogSettings, Place } from "../settings";

export interface NetworkArgs extends Place, LogSettings {
  /** 2 or 3. */
  readonly availabilityZoneCount: number;
  /** IPv4 block, divided among four zones, and in each zone evenly into a private and a public subnet. */
  readonly vpcCidrBlock: string;
  readonly egress: Egress;
}

export type Egress = "none" | "single-nat" | "nat-per-az";

const natStrategies = { none: "None", "single-nat": "Single", "nat-per-az": "OnePerAz" } as const;

const bitsForFourZones = 2;

/** The VPC: public subnets for the load balancer, private ones for everything else; refused traffic is logged. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: pulumi.Output<string[]>;
  readonly privateSubnetIds: pulumi.Output<string[]>;
  readonly routeTableIds: pulumi.Output<string[]>;
  /** Created by awsx, and nothing else in the stack depends on them: gateways, routes and their associations. */
  readonly children: pulumi.Output<pulumi.Resource[]>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:Network", name, {}, opts);

    const vpc = new Vpc(
      name,
      {
        numberOfAvailabilityZones: args.availabilityZoneCount,
        cidrBlock: args.vpcCidrBlock,
        // By default awsx divides the block by the number of zones. A third zone would then move the subnets of the
        // first two, which AWS refuses: new and old ones overlap.
        availabilityZoneCidrMask: prefixLength(args.vpcCidrBlock) + bitsForFourZones,
        enableDnsHostnames: true, // the private names of the endpoints need it, and awsx leaves it off
        natGateways: { strategy: natStrategies[args.egress] },
        subnetStrategy: "Auto",
        subnetSpecs: [{ type: "Private" }, { type: "Public" }],
      },
      { parent: this },
    );
    // A VPC's default group lets its members talk to each other. Adopted without rules, it lets nothing through.
    new ec2.DefaultSecurityGroup(name, { vpcId: vpc.vpcId }, { parent: this });
    this.#logRefusedTraffic(name, vpc.vpcId, args);

    this.vpcId = vpc.vpcId;
    this.publicSubnetIds = vpc.publicSubnetIds;
    this.privateSubnetIds = vpc.privateSubnetIds;
    this.routeTableIds = vpc.routeTables.apply((tables) => pulumi.all(tables.map(({ id }) => id)));
    this.children = pulumi
      .all([vpc.internetGateway, vpc.natGateways, vpc.eips, vpc.routes, vpc.routeTableAssociations])
      .apply(([internetGateway, ...others]) => [internetGateway, ...others.flat()]);
    const { vpcId, publicSubnetIds, privateSubnetIds, routeTableIds } = this;
    this.registerOutputs({ vpcId, publicSubnetIds, privateSubnetIds, routeTableIds });
  }

  #logRefusedTraffic(name: string, vpcId: pulumi.Input<string>, args: NetworkArgs): void {
    const flowLogName = `${name}-flow-log`;
    const logGroup = new cloudwatch.LogGroup(
      flowLogName,
      { name: `${args.logGroupPrefix}${name}`, retentionInDays: args.logRetentionDays },
      { parent: this },
    );
    const service = "vpc-flow-logs.amazonaws.com";
    const statements = flowLogStatements(logGroup.arn);
    const { roleArn, rolePolicy } = serviceRole(flowLogName, service, args.accountId, statements, { parent: this });
    new ec2.FlowLog(
      flowLogName,
      { vpcId, trafficType: "REJECT", logDestination: logGroup.arn, iamRoleArn: roleArn },
      { parent: this, dependsOn: rolePolicy },
    );
  }
}

function prefixLength(cidrBlock: string): number {
  return Number(cidrBlock.split("/")[1]);
}
