/*
 * The only import of @pulumi/awsx. An awsx component returns the resources that it made as resource references, and the
 * SDK turns a reference into a resource only when the module of its type is loaded. Without the module it returns the
 * resource's id, a string, on which every property (arn, dnsName, name) is undefined.
 *
 * Each component below therefore comes with the modules of its outputs. tests/components/awsx.test.ts compares this list
 * with the types of the outputs.
 */
import "@pulumi/aws/ec2";
import "@pulumi/aws/ecr";
import "@pulumi/aws/ecs";
import "@pulumi/aws/lb";

export { Vpc } from "@pulumi/awsx/ec2";
export { Image, Repository } from "@pulumi/awsx/ecr";
export { FargateService, type FargateServiceArgs } from "@pulumi/awsx/ecs";
export { ApplicationLoadBalancer, type ApplicationLoadBalancerArgs } from "@pulumi/awsx/lb";
