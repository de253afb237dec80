import * as ec2 from "@pulumi/aws/ec2";
import type * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import type { RotationImplementation, RotationStrategy } from "../rotation/credential";
import {
  databaseApiEndpointPolicy,
  imageLayersEndpointPolicy,
  logsEndpointPolicy,
  registryEndpointPolicy,
  secretsManagerEndpointPolicy,
} from "../policies/resource-policies";
import { ecrRepositoryArn } from "../service/image";
import type { LogSettings, Place } from "../settings";
import type { Destination } from "./traffic";

export interface EndpointsArgs extends Place, Pick<LogSettings, "logGroupPrefix"> {
  readonly vpcId: pulumi.Input<string>;
  /** One in each Availability Zone that the interface endpoints cover. */
  readonly subnetIds: pulumi.Input<string[]>;
  readonly routeTableIds: pulumi.Input<string[]>;
  readonly secretArns: readonly pulumi.Input<string>[];
  /** What Fargate needs to start a task without NAT: the image registry, its storage, the logs. */
  readonly includeTaskStart: boolean;
  /** AWS's function gets passwords from Secrets Manager; the one for alternating users asks RDS for the host. */
  readonly rotationImplementation: RotationImplementation;
  readonly rotationStrategy: RotationStrategy;
  readonly clusterArn: pulumi.Input<string>;
  /** The image that tasks run; undefined for the one in this stack's own repository. */
  readonly serviceImage: string | undefined;
}

const httpsPort = 443;
/** AWS's APIs through NAT, or through another program's endpoints. */
export const anywhere: Destination = { cidrIpv4: "0.0.0.0/0", port: httpsPort };

/** Private endpoints for AWS's APIs, open to exactly what this stack does there. */
export class Endpoints extends pulumi.ComponentResource {
  /** Accepts HTTPS from the groups that allowTraffic() admits. */
  readonly destination: Destination;
  /** Where tasks fetch the layers of their image. */
  readonly imageSource: Destination;

  constructor(name: string, args: EndpointsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:Endpoints", name, {}, opts);
    const child = { parent: this };

    const securityGroup = new ec2.SecurityGroup(name, { description: "VPC endpoints", vpcId: args.vpcId }, child);
    const repositoryArn = args.serviceImage === undefined ? undefined : ecrRepositoryArn(args.serviceImage);
    const includePasswords = args.rotationImplementation === "aws-provided";
    const includeDatabaseApi = includePasswords && args.rotationStrategy === "alternating-users";
    const policies: Record<string, iam.PolicyDocument> = {
      secretsmanager: secretsManagerEndpointPolicy(args.secretArns, args.accountId, { includePasswords }),
      ...(includeDatabaseApi ? { rds: databaseApiEndpointPolicy(args.clusterArn, args.accountId) } : {}),
      ...(args.includeTaskStart
        ? {
            "ecr.api": registryEndpointPolicy(args, repositoryArn),
            "ecr.dkr": registryEndpointPolicy(args, repositoryArn),
            logs: logsEndpointPolicy(args.logGroupPrefix, args),
          }
        : {}),
    };
    for (const [service, policy] of Object.entries(policies)) {
      new ec2.VpcEndpoint(
        `${name}-${service.replace(".", "-")}`,
        {
          vpcId: args.vpcId,
          vpcEndpointType: "Interface",
          serviceName: `com.amazonaws.${args.region}.${service}`,
          privateDnsEnabled: true,
          subnetIds: args.subnetIds,
          securityGroupIds: [securityGroup.id],
          policy: pulumi.jsonStringify(policy),
        },
        child,
      );
    }

    this.destination = { securityGroupId: securityGroup.id, port: httpsPort };
    const prefixListId = args.includeTaskStart ? this.#imageLayers(name, args).prefixListId : undefined;
    this.imageSource = prefixListId === undefined ? anywhere : { prefixListId, port: httpsPort };
    this.registerOutputs({ securityGroupId: securityGroup.id, imageLayersPrefixListId: prefixListId });
  }

  #imageLayers(name: string, args: EndpointsArgs): ec2.VpcEndpoint {
    return new ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: args.vpcId,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${args.region}.s3`,
        routeTableIds: args.routeTableIds,
        policy: pulumi.jsonStringify(imageLayersEndpointPolicy(args.region)),
      },
      { parent: this },
    );
  }
}
