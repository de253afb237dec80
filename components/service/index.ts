import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as ecs from "@pulumi/aws/ecs";
import * as iam from "@pulumi/aws/iam";
import { FargateService, type FargateServiceArgs } from "../awsx";
import * as pulumi from "@pulumi/pulumi";
import { containerDefinition, type ContainerSettings } from "./container";
import { LoadBalancer } from "./load-balancer";
import {
  assumeRolePolicy,
  policy,
  pullImageStatements,
  readSecretStatements,
  writeLogsStatement,
  type Statement,
} from "../policies";
import type { LogSettings, Place } from "../settings";
import { ecrRepositoryArn, ServiceImage } from "./image";
import { allowDestinations, allowTraffic, clientSecurityGroupIds, type Destinations } from "../network/traffic";

export interface TodoServiceArgs extends Place, LogSettings, ContainerSettings {
  readonly vpcId: pulumi.Input<string>;
  readonly publicSubnetIds: pulumi.Input<string[]>;
  readonly privateSubnetIds: pulumi.Input<string[]>;
  /** Image to run; undefined builds the one in this repository. */
  readonly serviceImage: string | undefined;
  /** Answers 200 when a task is healthy, without touching the database, which must be able to pause. */
  readonly healthCheckPath: string;
  readonly keyArn: pulumi.Input<string>;
  /** Including the source of the image. */
  readonly destinations: Destinations;
  readonly desiredCount: number;
  /** In 1/1024 vCPU. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly certificateArn: string | undefined;
  readonly containerInsights: boolean;
  /** Name of the task definition, unique in the account. */
  readonly taskFamily: string;
  readonly deletionProtection: boolean;
  /** What the first task waits for: the credential, the endpoints. */
  readonly startedAfter: readonly pulumi.Resource[];
}

const imageSource = { root: ".", dockerfile: "todo-app/Dockerfile" };
/** From the start of a task to the first health check that counts. */
const healthCheckGracePeriodSeconds = 60;

interface Image {
  readonly imageUri: pulumi.Input<string>;
  /** For a private ECR repository. */
  readonly repositoryArn: pulumi.Input<string> | undefined;
  /** For a repository that this stack creates. */
  readonly lifecyclePolicy: pulumi.Input<pulumi.Resource | undefined>;
}

/** The todo service on Fargate: tasks in the private subnets behind a load balancer in the public ones. */
export class TodoService extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly loadBalancerDnsName: pulumi.Output<string>;
  readonly clusterName: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  readonly serviceArn: pulumi.Output<string>;
  /** Created by awsx, and nothing else in the stack depends on them. */
  readonly children: pulumi.Output<pulumi.Resource[]>;
  readonly loadBalancerArnSuffix: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  readonly targetGroupArnSuffix: pulumi.Output<string>;

  constructor(name: string, args: TodoServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:TodoService", name, {}, opts);
    const { containerPort } = args;

    const loadBalancer = new LoadBalancer(name, { ...args, subnetIds: args.publicSubnetIds }, { parent: this });
    const { securityGroupIds, rules } = this.#securityGroup(name, args, loadBalancer.securityGroupId);
    const cluster = new ecs.Cluster(
      name,
      { settings: [{ name: "containerInsights", value: args.containerInsights ? "enabled" : "disabled" }] },
      { parent: this },
    );
    const image = this.#image(name, args);
    const service = new FargateService(
      name,
      {
        cluster: cluster.arn,
        desiredCount: args.desiredCount,
        taskDefinitionArgs: this.#taskDefinition(name, image, args),
        networkConfiguration: {
          subnets: args.privateSubnetIds,
          securityGroups: securityGroupIds,
          assignPublicIp: false,
        },
        loadBalancers: [{ targetGroupArn: loadBalancer.targetGroupArn, containerName: name, containerPort }],
        platformVersion: "LATEST",
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        healthCheckGracePeriodSeconds,
        enableExecuteCommand: false, // it needs a writable file system
        propagateTags: "SERVICE",
      },
      // Without its rules a task reaches neither its image nor its secret, and fails its deployment.
      { parent: this, dependsOn: [...args.startedAfter, ...rules, loadBalancer] },
    );

    this.url = loadBalancer.url;
    this.loadBalancerDnsName = loadBalancer.dnsName;
    this.clusterName = cluster.name;
    this.serviceName = service.service.name;
    this.serviceArn = service.service.id; // the ARN, in every version of the provider; older ones have no output `arn`
    this.children = pulumi
      .all([service.service, image.lifecyclePolicy])
      .apply(([ecsService, lifecyclePolicy]) => (lifecyclePolicy ? [ecsService, lifecyclePolicy] : [ecsService]));
    this.loadBalancerArnSuffix = loadBalancer.arnSuffix;
    this.targetGroupArn = loadBalancer.targetGroupArn;
    this.targetGroupArnSuffix = loadBalancer.targetGroupArnSuffix;
    const { url, loadBalancerDnsName, clusterName, serviceName, serviceArn } = this;
    const { loadBalancerArnSuffix, targetGroupArn, targetGroupArnSuffix } = this;
    this.registerOutputs({
      ...{ url, loadBalancerDnsName, clusterName, serviceName, serviceArn },
      ...{ loadBalancerArnSuffix, targetGroupArn, targetGroupArnSuffix },
    });
  }

  #securityGroup(name: string, args: TodoServiceArgs, loadBalancerSecurityGroupId: pulumi.Input<string>) {
    const { id: securityGroupId } = new ec2.SecurityGroup(
      `${name}-tasks`,
      { description: "Tasks of the todo service", vpcId: args.vpcId },
      { parent: this },
    );
    const fromLoadBalancer = allowTraffic(
      `${name}-from-load-balancer`,
      {
        from: loadBalancerSecurityGroupId,
        to: { securityGroupId, port: args.containerPort },
        description: "Load balancer to tasks",
      },
      // When the port changes, old tasks stay reachable on theirs until the new ones serve.
      { parent: this, replaceOnChanges: ["fromPort", "toPort"] },
    );
    const { destinations } = args;
    const toDestinations = allowDestinations(
      name,
      { from: securityGroupId, who: "Tasks", destinations },
      { parent: this },
    );
    const securityGroupIds = [securityGroupId, ...clientSecurityGroupIds(destinations)];
    return { securityGroupIds, rules: [...fromLoadBalancer, ...toDestinations] };
  }

  #image(name: string, { serviceImage, keyArn, deletionProtection }: TodoServiceArgs): Image {
    if (serviceImage !== undefined) {
      const repositoryArn = ecrRepositoryArn(serviceImage);
      return { imageUri: serviceImage, repositoryArn, lifecyclePolicy: undefined };
    }
    return new ServiceImage(name, { ...imageSource, keyArn, deletionProtection }, { parent: this });
  }

  /** @param policies name → statements; one without statements is not created */
  #role(
    name: string,
    policies: Readonly<Record<string, readonly Statement[]>>,
    accountId: pulumi.Input<string>,
  ): pulumi.Output<string> {
    const role = new iam.Role(
      name,
      { assumeRolePolicy: pulumi.jsonStringify(assumeRolePolicy("ecs-tasks.amazonaws.com", accountId)) },
      { parent: this },
    );
    const rolePolicyIds = Object.entries(policies)
      .filter(([, statements]) => statements.length > 0)
      .map(
        ([policyName, statements]) =>
          new iam.RolePolicy(
            policyName,
            { role: role.name, policy: pulumi.jsonStringify(policy(...statements)) },
            { parent: this },
          ).id,
      );
    // A task that starts before its permissions exist fails, so the role's ARN waits for them.
    return pulumi.all([role.arn, pulumi.all(rolePolicyIds)]).apply(([arn]) => arn);
  }

  #taskDefinition(
    name: string,
    image: Image,
    args: TodoServiceArgs,
  ): NonNullable<FargateServiceArgs["taskDefinitionArgs"]> {
    const logGroup = new cloudwatch.LogGroup(
      name,
      { name: `${args.logGroupPrefix}${name}`, retentionInDays: args.logRetentionDays },
      { parent: this },
    );
    const isInjected = args.credentialDelivery === "environment";
    const executionPolicies = {
      [`${name}-execution`]: [
        writeLogsStatement(logGroup.arn),
        ...(image.repositoryArn === undefined ? [] : pullImageStatements(image.repositoryArn)),
      ],
      // A separate policy: when the delivery changes, it is deleted last, after the tasks that started with it.
      [`${name}-execution-secret`]: isInjected ? readSecretStatements(args) : [],
    };
    const taskPolicies = { [`${name}-task`]: isInjected ? [] : readSecretStatements(args) };
    return {
      family: args.taskFamily,
      cpu: String(args.cpuUnits),
      memory: String(args.memoryMib),
      runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
      executionRole: { roleArn: this.#role(`${name}-execution`, executionPolicies, args.accountId) },
      taskRole: { roleArn: this.#role(`${name}-task`, taskPolicies, args.accountId) },
      logGroup: { skip: true }, // awsx's has no retention
      container: containerDefinition(name, { ...args, image: image.imageUri, logGroupName: logGroup.name }),
    };
  }
}
