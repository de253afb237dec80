import * as vpc from "@pulumi/aws/vpc";
import type { CustomResourceOptions, Input } from "@pulumi/pulumi";

/** Where TCP connections go to. */
export type Destination = { readonly port: number } & (Target | ExistingTarget | IpRange | PrefixList);

/** A security group of this stack. */
interface Target {
  readonly securityGroupId: Input<string>;
}

/** A security group of another program. No rule is put into it: that program would take it out again. */
interface ExistingTarget {
  readonly existingSecurityGroupId: Input<string>;
  /** A group that it lets in already, which whoever opens connections joins; undefined where it lets in the subnets. */
  readonly clientSecurityGroupId: Input<string> | undefined;
}

interface IpRange {
  readonly cidrIpv4: string;
}

/** Addresses of an AWS service. */
interface PrefixList {
  readonly prefixListId: Input<string>;
}

/** Name of the destination, as in "database" → where it is. */
export type Destinations = Readonly<Record<string, Destination>>;

export interface TrafficArgs {
  /** Security group of the side that opens the connection. */
  readonly from: Input<string>;
  readonly to: Destination;
  readonly description: string;
}

/**
 * Lets a security group open TCP connections to a destination: a rule out of the group, and a rule into the destination's
 * where that is this stack's. The rules are resources of their own, so that neither group depends on the other.
 */
export function allowTraffic(name: string, { from, to, description }: TrafficArgs, opts: CustomResourceOptions) {
  const rule = { ipProtocol: "tcp", fromPort: to.port, toPort: to.port, description };
  const egress = new vpc.SecurityGroupEgressRule(name, { ...rule, securityGroupId: from, ...peer(to) }, opts);
  if (!("securityGroupId" in to)) return [egress];
  const { securityGroupId } = to;
  return [
    egress,
    new vpc.SecurityGroupIngressRule(name, { ...rule, securityGroupId, referencedSecurityGroupId: from }, opts),
  ];
}

function peer(to: Destination) {
  if ("cidrIpv4" in to) return { cidrIpv4: to.cidrIpv4 };
  if ("prefixListId" in to) return { prefixListId: to.prefixListId };
  return { referencedSecurityGroupId: "securityGroupId" in to ? to.securityGroupId : to.existingSecurityGroupId };
}

/** The groups that whoever opens connections to the destinations joins, beside its own. */
export function clientSecurityGroupIds(destinations: Destinations): Input<string>[] {
  return Object.values(destinations).flatMap((to) =>
    "clientSecurityGroupId" in to ? (to.clientSecurityGroupId ?? []) : [],
  );
}
