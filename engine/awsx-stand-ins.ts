import type { Properties } from "./stand-ins";

/** A resource that an awsx component creates. In the component's outputs it is a resource reference. */
export class Child {
  constructor(
    readonly type: string,
    readonly name: string,
    readonly children: readonly Child[] = [],
    /** What it waits for, in addition to its parent. */
    readonly dependencies: readonly Child[] = [],
  ) {}

  /** False for a component that awsx creates inside its own. */
  get custom(): boolean {
    return !this.type.startsWith("awsx:");
  }
}

/** An output that is known once a child exists: the child's id, or a value of its own. */
export class OutputOf {
  constructor(
    readonly child: Child,
    readonly value?: string,
  ) {}
}

/** What an awsx component returns, and what it creates. */
export interface AwsxComponent {
  /** May hold children and OutputOf, alone or in lists. */
  readonly outputs: Properties;
  /** Each after what it depends on. */
  readonly children: readonly Child[];
}

const natGatewayZones: Readonly<Record<string, (zone: number) => boolean>> = {
  None: () => false,
  Single: (zone) => zone === 1,
  OnePerAz: () => true,
};

function vpc(name: string, inputs: Properties): AwsxComponent {
  const { numberOfAvailabilityZones, natGateways } = inputs as {
    numberOfAvailabilityZones: number;
    natGateways: { strategy: string };
  };
  const hasNatGateway = natGatewayZones[natGateways.strategy] ?? (() => false);
  const zones = Array.from({ length: numberOfAvailabilityZones }, (_, index) => index + 1);
  const privateSubnets = zones.map((zone) => subnet(`${name}-private-${zone}`, natGateways.strategy !== "None"));
  const publicSubnets = zones.map((zone) =>
    subnet(`${name}-public-${zone}`, true, hasNatGateway(zone) ? natGateway(`${name}-${zone}`) : []),
  );
  const subnets = [...privateSubnets, ...publicSubnets];
  const internetGateway = new Child("aws:ec2/internetGateway:InternetGateway", name);
  const ownVpc = new Child("aws:ec2/vpc:Vpc", name, [internetGateway, ...subnets]);
  const ofType = (type: string) => subnets.flatMap(descendants).filter((one) => one.type === type);
  return {
    outputs: {
      vpcId: new OutputOf(ownVpc),
      privateSubnetIds: privateSubnets.map((one) => new OutputOf(one)),
      publicSubnetIds: publicSubnets.map((one) => new OutputOf(one)),
      internetGateway,
      natGateways: ofType("aws:ec2/natGateway:NatGateway"),
      eips: ofType("aws:ec2/eip:Eip"),
      routes: ofType("aws:ec2/route:Route"),
      routeTables: ofType("aws:ec2/routeTable:RouteTable"),
      routeTableAssociations: ofType("aws:ec2/routeTableAssociation:RouteTableAssociation"),
    },
    children: [ownVpc],
  };
}

function subnet(name: string, hasRoute: boolean, gateway: readonly Child[] = []): Child {
  const association = new Child("aws:ec2/routeTableAssociation:RouteTableAssociation", name);
  const route = hasRoute ? [new Child("aws:ec2/route:Route", name)] : [];
  const table = new Child("aws:ec2/routeTable:RouteTable", name, [association, ...route]);
  return new Child("aws:ec2/subnet:Subnet", name, [table, ...gateway]);
}

function natGateway(name: string): Child[] {
  return [new Child("aws:ec2/eip:Eip", name), new Child("aws:ec2/natGateway:NatGateway", name)];
}

function descendants(one: Child): Child[] {
  return [one, ...one.children.flatMap(descendants)];
}

function applicationLoadBalancer(name: string, inputs: Properties): AwsxComponent {
  const loadBalancer = new Child("aws:lb/loadBalancer:LoadBalancer", name);
  const defaultTargetGroup = new Child("aws:lb/targetGroup:TargetGroup", name);
  const { listeners = [] } = inputs as { listeners?: readonly unknown[] };
  const dependencies = [loadBalancer, defaultTargetGroup];
  const listener = listeners.map(
    (_, index) => new Child("aws:lb/listener:Listener", `${name}-${index}`, [], dependencies),
  );
  return {
    outputs: { loadBalancer, defaultTargetGroup },
    children: [loadBalancer, defaultTargetGroup, ...listener],
  };
}

function fargateService(name: string): AwsxComponent {
  const taskDefinition = new Child("aws:ecs/taskDefinition:TaskDefinition", name);
  const definition = new Child("awsx:ecs:FargateTaskDefinition", name, [taskDefinition]);
  const service = new Child("aws:ecs/service:Service", name, [], [taskDefinition]);
  return { outputs: { service }, children: [definition, service] };
}

function repository(name: string, _inputs: Properties, registry: string): AwsxComponent {
  const ecrRepository = new Child("aws:ecr/repository:Repository", name);
  const lifecyclePolicy = new Child("aws:ecr/lifecyclePolicy:LifecyclePolicy", name, [], [ecrRepository]);
  const url = new OutputOf(ecrRepository, `${registry}/${name}`);
  return {
    outputs: { repository: ecrRepository, lifecyclePolicy, url },
    children: [ecrRepository, lifecyclePolicy],
  };
}

function image(_name: string, { repositoryUrl, imageTag }: Properties): AwsxComponent {
  const dockerImage = new Child("docker-build:index:Image", String(imageTag));
  const imageUri = new OutputOf(dockerImage, `${String(repositoryUrl)}@sha256:${String(imageTag)}`);
  return { outputs: { imageUri }, children: [dockerImage] };
}

/** awsx component → what it creates and returns; tests/recorded.test.ts compares it with what awsx itself created. */
export const awsxComponents: Readonly<
  Record<string, (name: string, inputs: Properties, registry: string) => AwsxComponent>
> = {
  "awsx:ec2:Vpc": vpc,
  "awsx:ecr:Image": image,
  "awsx:ecr:Repository": repository,
  "awsx:ecs:FargateService": fargateService,
  "awsx:lb:ApplicationLoadBalancer": applicationLoadBalancer,
};
