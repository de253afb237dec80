import * as vpc from "@pulumi/aws/vpc";
import type { CustomResourceOptions, Input } from "@pulumi/pulumi";

/** Where TCP connections go: a security group of this stack, another program's, addresses, or an AWS service's. */
export type Destination = { readonly port: number } & (
  | { readonly securityGroupId: Input<string> }
  | ExistingTarget
  | { readonly cidrIpv4: string }
  | { readonly prefixListId: Input<string> }
);

/** The stack adds no rule to another program's security group: that program would remove it again. */
interface ExistingTarget {
  readonly existingSecurityGroupId: Input<string>;
  /** A group that it already admits and that connecting clients join; undefined if it admits the subnets. */
  readonly clientSecurityGroupId: Input<string> | undefined;
}

/** Name of the destination, as in "database" → where it is. */
export type Destinations = Readonly<Record<string, Destination>>;

/**
 * Lets a security group open TCP connections to a destination: an egress rule in the group, and an ingress rule in the
 * destination's if that is this stack's. The rules are separate resources, so that neither group depends on the other.
 */
export function allowTraffic(
  name: string,
  { from, to, description }: { readonly from: Input<string>; readonly to: Destination; readonly description: string },
  opts: CustomResourceOptions,
) {
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

/** Lets a security group open connections to these destinations. Nothing else can be reached. */
export function allowDestinations(
  name: string,
  args: { readonly from: Input<string>; readonly who: string; readonly destinations: Destinations },
  opts: CustomResourceOptions,
) {
  const { from, who } = args;
  return Object.entries(args.destinations).flatMap(([destination, to]) =>
    allowTraffic(`${name}-to-${destination}`, { from, to, description: `${who} to ${destination}` }, opts),
  );
}

/** The groups that clients of the destinations join, in addition to their own. */
export function clientSecurityGroupIds(destinations: Destinations): Input<string>[] {
  return Object.values(destinations).flatMap((to) =>
    "clientSecurityGroupId" in to ? (to.clientSecurityGroupId ?? []) : [],
  );
}
