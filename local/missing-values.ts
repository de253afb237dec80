/**
 * What the provider lets pass without a value, and the stack cannot do without. A value of `undefined` leaves no trace in
 * a registration, its key is just not there.
 */
const neededInputs: Readonly<Record<string, readonly string[]>> = {
  "aws:cloudwatch/eventTarget:EventTarget": ["rule", "arn"],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["dimensions", "alarmActions.0"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["vpcId", "policy"],
  "aws:ecs/service:Service": [
    "cluster",
    "taskDefinition",
    "loadBalancers.0.targetGroupArn",
    "networkConfiguration.subnets.0",
    "networkConfiguration.securityGroups.0",
  ],
  "aws:kms/alias:Alias": ["targetKeyId"],
  "aws:lambda/function:Function": [
    "role",
    "environment.variables",
    "vpcConfig.subnetIds.0",
    "vpcConfig.securityGroupIds.0",
  ],
  "aws:rds/cluster:Cluster": ["dbSubnetGroupName", "kmsKeyId", "vpcSecurityGroupIds.0"],
  "aws:secretsmanager/secret:Secret": ["kmsKeyId"],
  "aws:secretsmanager/secretRotation:SecretRotation": ["rotationLambdaArn"],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ["securityGroupId"],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ["securityGroupId"],
  "awsx:ecr:Image": ["repositoryUrl"],
  "awsx:ecs:FargateService": [
    "cluster",
    "loadBalancers.0.targetGroupArn",
    "networkConfiguration.subnets.0",
    "networkConfiguration.securityGroups.0",
    "taskDefinitionArgs.container.image",
  ],
  "awsx:lb:ApplicationLoadBalancer": ["subnetIds.0", "securityGroups.0"],
};

/** Empty on purpose: a lifecycle rule without a condition applies to every object of the bucket. */
const emptyOnPurpose: Readonly<Record<string, RegExp>> = {
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": /^rules\.\d+\.filter$/,
};

/**
 * Finds values that are not there: null, an empty string, list or object, a text with "undefined" in it, and inputs that
 * the stack needs.
 *
 * @param type of the resource, or of the stack for its outputs
 * @returns for each a path and what is wrong with it, as in `dimensions.LoadBalancer is null`
 */
export function findMissing(type: string, properties: Readonly<Record<string, unknown>>): string[] {
  const empty = findEmpty(properties).filter(({ path }) => !emptyOnPurpose[type]?.test(path));
  const absent = (neededInputs[type] ?? []).filter((path) => valueAt(properties, path) === undefined);
  return [...empty.map(({ path, what }) => `${path} ${what}`), ...absent.map((path) => `${path} is undefined`)];
}

function findEmpty(value: unknown, path = ""): { path: string; what: string }[] {
  if (value === null) return [{ path, what: "is null" }];
  if (value === "") return [{ path, what: "is empty" }];
  if (typeof value === "string") {
    return /\bundefined\b/.test(value) ? [{ path, what: `contains "undefined"` }] : [];
  }
  if (typeof value !== "object") return [];
  const entries = Object.entries(value);
  if (entries.length === 0 && path !== "") return [{ path, what: "is empty" }];
  return entries.flatMap(([key, item]) => findEmpty(item, path === "" ? key : `${path}.${key}`));
}

function valueAt(properties: unknown, path: string): unknown {
  let value = properties;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
