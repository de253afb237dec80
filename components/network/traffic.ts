import * as vpc from "@pulumi/aws/vpc";
import type { CustomResourceOptions, Input } from "@pulumi/pulumi";

export interface TrafficArgs {
  /** Security group of the side that opens the connection. */
  readonly from: Input<string>;
  /** Security group of the side that accepts it. */
  readonly to: Input<string>;
  readonly port: number;
  readonly description: string;
}

/**
 * Lets one security group open TCP connections to another on one port: a rule out of the first, a rule into the second.
 * The rules are resources of their own, so that neither group depends on the other.
 */
export function allowTraffic(name: string, { from, to, port, description }: TrafficArgs, opts: CustomResourceOptions) {
  const rule = { ipProtocol: "tcp", fromPort: port, toPort: port, description };
  return [
    new vpc.SecurityGroupEgressRule(name, { ...rule, securityGroupId: from, referencedSecurityGroupId: to }, opts),
    new vpc.SecurityGroupIngressRule(name, { ...rule, securityGroupId: to, referencedSecurityGroupId: from }, opts),
  ];
}
