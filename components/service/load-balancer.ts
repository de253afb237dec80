import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import { ApplicationLoadBalancer, type ApplicationLoadBalancerArgs } from "../awsx";
import * as pulumi from "@pulumi/pulumi";

export interface LoadBalancerArgs {
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<string[]>;
  /** Answers 200 when a target is healthy, without touching the database, which must be able to pause. */
  readonly healthCheckPath: string;
  /** With it, HTTPS is served and HTTP redirected; without it, HTTP only. */
  readonly certificateArn: string | undefined;
  readonly deletionProtection: boolean;
}

/** For targets that name none. ECS registers each task with its own; changing this would replace the target group. */
const defaultTargetPort = 8080;
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/** A replaced task finishes its requests; none of them takes longer. */
const deregistrationDelaySeconds = 30;

/** The way in from the internet: an application load balancer in the public subnets. */
export class LoadBalancer extends pulumi.ComponentResource {
  readonly dnsName: pulumi.Output<string>;
  /** With the scheme, without a slash at the end. */
  readonly url: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  /** As in "app/name/id": what CloudWatch calls LoadBalancer. */
  readonly arnSuffix: pulumi.Output<string>;
  /** As in "targetgroup/name/id": what CloudWatch calls TargetGroup. */
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:LoadBalancer", name, {}, opts);
    const child = { parent: this };

    const securityGroup = new ec2.SecurityGroup(name, { description: "Load balancer", vpcId: args.vpcId }, child);
    for (const port of args.certificateArn === undefined ? [80] : [80, 443]) {
      new vpc.SecurityGroupIngressRule(
        `${name}-from-internet-${port}`,
        {
          securityGroupId: securityGroup.id,
          cidrIpv4: "0.0.0.0/0",
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          description: "Internet to load balancer",
        },
        child,
      );
    }
    const loadBalancer = new ApplicationLoadBalancer(
      name,
      {
        subnetIds: args.subnetIds,
        securityGroups: [securityGroup.id], // awsx's own would admit every protocol from everywhere
        defaultTargetGroup: {
          vpcId: args.vpcId, // else awsx asks a subnet, and a preview that adds a subnet announces a replacement
          port: defaultTargetPort,
          protocol: "HTTP",
          targetType: "ip",
          deregistrationDelay: deregistrationDelaySeconds,
          healthCheck: { path: args.healthCheckPath, matcher: "200", interval: 10, timeout: 5, healthyThreshold: 2 },
        },
        listeners: listeners(args.certificateArn),
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "defensive",
        enableDeletionProtection: args.deletionProtection,
      },
      { parent: this, protect: args.deletionProtection },
    );

    this.dnsName = loadBalancer.loadBalancer.dnsName;
    this.url = pulumi.interpolate`${args.certificateArn === undefined ? "http" : "https"}://${this.dnsName}`;
    this.targetGroupArn = loadBalancer.defaultTargetGroup.arn;
    this.arnSuffix = loadBalancer.loadBalancer.arnSuffix;
    this.targetGroupArnSuffix = loadBalancer.defaultTargetGroup.arnSuffix;
    this.securityGroupId = securityGroup.id;
    const { dnsName, url, targetGroupArn, arnSuffix, targetGroupArnSuffix, securityGroupId } = this;
    this.registerOutputs({ dnsName, url, targetGroupArn, arnSuffix, targetGroupArnSuffix, securityGroupId });
  }
}

type Listener = NonNullable<ApplicationLoadBalancerArgs["listeners"]>[number];

function listeners(certificateArn: string | undefined): Listener[] {
  if (certificateArn === undefined) return [{ port: 80, protocol: "HTTP" }];
  return [
    {
      port: 80,
      protocol: "HTTP",
      defaultActions: [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }],
    },
    { port: 443, protocol: "HTTPS", certificateArn, sslPolicy: tlsPolicy },
  ];
}
