/** The place that stand-in ARNs name. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

export type Properties = Readonly<Record<string, unknown>>;

/** What AWS would answer once a resource exists. */
export interface StandIn {
  readonly id: string;
  /** An awsx component's outputs may be children, alone or in lists. */
  readonly state: Properties;
}

/** A resource that an awsx component makes, and hands back as a resource reference. */
export class Child {
  constructor(
    readonly type: string,
    readonly name: string,
    readonly id: string,
    readonly state: Properties,
  ) {}
}

type Outputs = (name: string, inputs: Properties, place: Place) => Properties & { readonly id?: string };

const arn = (service: string, path: (name: string, inputs: Properties) => string): Outputs => {
  return (name, inputs, { region, accountId }) => ({
    arn: `arn:aws:${service}:${region}:${accountId}:${path(name, inputs)}`,
  });
};
const named = (inputs: Properties, name: string): string => (typeof inputs.name === "string" ? inputs.name : name);

const vpcOutputs: Outputs = (_name, inputs, { region }) => {
  const zones = ["a", "b", "c"].slice(0, Number(inputs.numberOfAvailabilityZones)).map((letter) => region + letter);
  const privateSubnetIds = zones.map((zone) => `subnet-private-${zone}`);
  const publicSubnetIds = zones.map((zone) => `subnet-public-${zone}`);
  return {
    vpcId: "vpc-0a1b2c3d",
    privateSubnetIds,
    publicSubnetIds,
    internetGateway: new Child("aws:ec2/internetGateway:InternetGateway", "internet", "igw-0a1b2c3d", {}),
    natGateways: [],
    eips: [],
    routes: publicSubnetIds.map((id) => new Child("aws:ec2/route:Route", id.replace("subnet-", ""), `r-${id}`, {})),
    routeTableAssociations: [...privateSubnetIds, ...publicSubnetIds].map((id) => {
      const name = id.replace("subnet-", "");
      return new Child("aws:ec2/routeTableAssociation:RouteTableAssociation", name, `rtbassoc-${name}`, {});
    }),
    routeTables: [...privateSubnetIds, ...publicSubnetIds].map((subnetId) => {
      const id = subnetId.replace("subnet", "rtb");
      return new Child("aws:ec2/routeTable:RouteTable", id, id, {});
    }),
  };
};

/**
 * What the program reads from each type of resource, and nothing else: a property that is missing here stays unknown,
 * and the engine refuses the input that it flows into.
 */
const outputsOf: Readonly<Record<string, Outputs>> = {
  "aws:cloudtrail/trail:Trail": () => ({}),
  "aws:cloudwatch/dashboard:Dashboard": () => ({}),
  "aws:cloudwatch/eventRule:EventRule": (name, inputs, place) => ({
    ...arn("events", () => `rule/${name}`)(name, inputs, place),
    name,
  }),
  "aws:cloudwatch/eventTarget:EventTarget": () => ({}),
  "aws:cloudwatch/logGroup:LogGroup": arn("logs", (name, inputs) => `log-group:${named(inputs, name)}`),
  "aws:cloudwatch/metricAlarm:MetricAlarm": arn("cloudwatch", (name, inputs) => `alarm:${named(inputs, name)}`),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": () => ({}),
  "aws:ec2/flowLog:FlowLog": () => ({}),
  "aws:ec2/securityGroup:SecurityGroup": (name) => ({ id: `sg-${name}` }),
  "aws:ec2/vpcEndpoint:VpcEndpoint": (name) => ({ id: `vpce-${name}`, prefixListId: `pl-${name}` }),
  "aws:ecs/cluster:Cluster": (name, inputs, place) => ({
    ...arn("ecs", () => `cluster/${name}`)(name, inputs, place),
    name,
  }),
  "aws:iam/role:Role": (name, _inputs, { accountId }) => ({ arn: `arn:aws:iam::${accountId}:role/${name}`, name }),
  "aws:iam/rolePolicy:RolePolicy": () => ({}),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": () => ({}),
  "aws:kms/alias:Alias": () => ({}),
  "aws:kms/key:Key": (name, inputs, place) => ({
    ...arn("kms", () => "key/1234abcd-12ab-34cd-56ef-1234567890ab")(name, inputs, place),
    keyId: "1234abcd-12ab-34cd-56ef-1234567890ab",
  }),
  "aws:lambda/function:Function": (name, inputs, place) => ({
    ...arn("lambda", () => `function:${name}`)(name, inputs, place),
    name,
  }),
  "aws:lambda/invocation:Invocation": () => ({}),
  "aws:lambda/permission:Permission": () => ({}),
  "aws:rds/cluster:Cluster": (name, inputs, place) => ({
    ...arn("rds", () => `cluster:${name}`)(name, inputs, place),
    clusterIdentifier: name,
    endpoint: `${name}.cluster-abc123.${place.region}.rds.amazonaws.com`,
    masterUserSecrets: [
      { secretArn: `arn:aws:secretsmanager:${place.region}:${place.accountId}:secret:rds!cluster-${name}-AbCdEf` },
    ],
  }),
  "aws:rds/clusterInstance:ClusterInstance": () => ({}),
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": (name) => ({ name }),
  "aws:rds/subnetGroup:SubnetGroup": (name) => ({ name }),
  "aws:s3/bucket:Bucket": (name) => ({ arn: `arn:aws:s3:::${name}` }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": () => ({}),
  "aws:s3/bucketPolicy:BucketPolicy": () => ({}),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": () => ({}),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": () => ({}),
  "aws:secretsmanager/secret:Secret": arn("secretsmanager", (name, inputs) => `secret:${named(inputs, name)}-AbCdEf`),
  "aws:secretsmanager/secretPolicy:SecretPolicy": () => ({}),
  "aws:secretsmanager/secretRotation:SecretRotation": () => ({}),
  "aws:sfn/stateMachine:StateMachine": arn("states", (name) => `stateMachine:${name}`),
  "aws:sns/topic:Topic": arn("sns", (name) => name),
  "aws:sns/topicPolicy:TopicPolicy": () => ({}),
  "aws:sns/topicSubscription:TopicSubscription": () => ({}),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": () => ({}),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": () => ({}),
  "awsx:ec2:Vpc": vpcOutputs,
  "awsx:ecr:Image": (_name, { repositoryUrl, imageTag }) => ({
    imageUri: `${String(repositoryUrl)}@sha256:${String(imageTag)}`,
  }),
  "awsx:ecr:Repository": (name, inputs, place) => ({
    repository: new Child(
      "aws:ecr/repository:Repository",
      name,
      name,
      arn("ecr", () => `repository/${name}`)(name, inputs, place),
    ),
    lifecyclePolicy: new Child("aws:ecr/lifecyclePolicy:LifecyclePolicy", name, name, {}),
    url: `${place.accountId}.dkr.ecr.${place.region}.amazonaws.com/${name}`,
  }),
  "awsx:ecs:FargateService": (name, inputs, place) => {
    const { arn: id } = arn("ecs", () => `service/${name}/${name}`)(name, inputs, place);
    return { service: new Child("aws:ecs/service:Service", name, String(id), { arn: id, name }) };
  },
  "awsx:lb:ApplicationLoadBalancer": (name, inputs, place) => {
    const arnSuffix = `app/${name}/0123456789abcdef`;
    const targetGroupArnSuffix = `targetgroup/${name}/0123456789abcdef`;
    const { arn: id } = arn("elasticloadbalancing", () => `loadbalancer/${arnSuffix}`)(name, inputs, place);
    const { arn: targetGroupId } = arn("elasticloadbalancing", () => targetGroupArnSuffix)(name, inputs, place);
    return {
      loadBalancer: new Child("aws:lb/loadBalancer:LoadBalancer", name, String(id), {
        arn: id,
        arnSuffix,
        dnsName: `${name}.${place.region}.elb.amazonaws.com`,
      }),
      defaultTargetGroup: new Child("aws:lb/targetGroup:TargetGroup", name, String(targetGroupId), {
        arn: targetGroupId,
        arnSuffix: targetGroupArnSuffix,
      }),
    };
  },
};

/** @throws Error for a type that the table above lacks */
export function standInFor(type: string, name: string, inputs: Properties, place: Place): StandIn {
  const outputs = outputsOf[type];
  if (outputs === undefined)
    throw new Error(`local/stand-ins.ts has no entry for ${type}: what does the program read of it?`);
  const { id = name, ...state } = outputs(name, inputs, place);
  return { id, state: { ...inputs, ...state } };
}

/** The answer to a provider function. */
export function invoke(token: string, args: Properties, { accountId }: Place): Properties {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId };
    case "aws:ec2/getSubnet:getSubnet":
      return { availabilityZone: String(args.id).replace(/^subnet-(private|public)-/, "") };
    default:
      throw new Error(`local/stand-ins.ts has no answer for ${token}`);
  }
}
