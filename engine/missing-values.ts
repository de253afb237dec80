import type { Graph } from "./index";
import { findUnknowns, stackType } from "./graph";
import type { Properties } from "./stand-ins";

/**
 * Inputs that the provider does not require but the stack needs. A value of `undefined` leaves no trace in a
 * registration: its key is simply missing.
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
 * Finds missing values: null, an empty string, list or object, a text with "undefined" in it, and inputs that the stack
 * needs.
 *
 * @param type of the resource, or of the stack for its outputs
 * @returns for each a path and what is wrong with it, as in `dimensions.LoadBalancer is null`
 */
export function findMissing(type: string, properties: Properties): string[] {
  const empty = findEmpty(properties).filter(({ path }) => !emptyOnPurpose[type]?.test(path));
  const absent = (neededInputs[type] ?? []).filter((path) => valueAt(properties, path) === undefined);
  return [...empty.map(({ path, what }) => `${path} ${what}`), ...absent.map((path) => `${path} is undefined`)];
}

/**
 * Finds what is missing in a program: inputs and stack outputs without a value, and those that come from an output that
 * the engine does not have. Such a value is unknown in a preview, like every output, and missing in an `up`.
 *
 * @returns a line for each, with the resource and the path
 */
export function findMissingIn({ preview, up }: { readonly preview: Graph; readonly up: Graph }): string[] {
  const find = (type: string, before: Properties, properties: Properties): string[] => {
    const gone = findUnknowns(before).filter((path) => valueAt(properties, path) === undefined);
    const missing = findMissing(type, properties);
    return [...missing, ...gone.map((path) => `${path} comes from an output that does not exist`)];
  };
  const before = new Map(preview.resources.map(({ urn, inputs }) => [urn, inputs]));
  return [
    ...up.resources
      .filter(({ urn }) => !isInsideAwsx(urn))
      .flatMap(({ urn, type, name, inputs }) =>
        find(type, before.get(urn) ?? {}, inputs).map((finding) => `${type} ${name}: ${finding}`),
      ),
    ...find(stackType, preview.outputs, up.outputs).map((finding) => `output ${finding}`),
  ];
}

/** Resources that an awsx component creates have no inputs here. */
function isInsideAwsx(urn: string): boolean {
  return /\$awsx:[^$]+\$/.test(urn);
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
