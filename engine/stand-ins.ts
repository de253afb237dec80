import { recordedPlace, readRecordings, typeAndName, type RecordedResource } from "./recording";

/** The place that stand-in ARNs name. */
export interface Place {
  readonly region: string;
  readonly accountId: string;
}

export type Properties = Readonly<Record<string, unknown>>;

/** What AWS would answer once a resource exists. */
export interface StandIn {
  readonly id: string;
  /** What the provider knows before the resource exists, in addition to the inputs. */
  readonly known: Properties;
  /** What it knows afterwards, in addition to the inputs. */
  readonly outputs: Properties;
}

/** Not recorded: an image, which Docker builds, its repository, and AWS's applications, which the emulator lacks. */
const notRecorded: Readonly<Record<string, (name: string, place: Place, inputs: Properties) => Properties>> = {
  "aws:ecr/repository:Repository": (name, { region, accountId }) => ({
    arn: `arn:aws:ecr:${region}:${accountId}:repository/${name}`,
    name,
  }),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": () => ({}),
  "docker-build:index:Image": () => ({}),
  "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": (_name, { region, accountId }, inputs) => {
    const { functionName } = inputs.parameters as { functionName: string };
    return { outputs: { RotationLambdaARN: `arn:aws:lambda:${region}:${accountId}:function:${functionName}` } };
  },
};

/**
 * The recording of the resource, or of another one of its type, with the resource's own name.
 *
 * @param inputs the resource's own name in AWS comes from them
 * @throws Error for a type that no recording has
 */
export function standInFor(type: string, name: string, inputs: Properties, place: Place): StandIn {
  const byHand = notRecorded[type];
  if (byHand !== undefined) return { id: name, known: {}, outputs: byHand(name, place, inputs) };
  const recorded = findRecorded(type, name);
  if (recorded === undefined) {
    throw new Error(`no recording in tests/recorded has a ${type}; npm run lifecycle -- --help says how to renew them`);
  }
  const rename = renamer(recorded, { name, physicalName: inputs.name, ...place });
  const { autonamed } = recorded;
  const known = autonamed !== undefined && inputs[autonamed] === undefined ? { [autonamed]: name } : {};
  return {
    id: rename(recorded.id) as string,
    known,
    outputs: { ...known, ...(rename(recorded.outputs) as Properties) },
  };
}

let recordedOfType: ReadonlyMap<string, readonly RecordedResource[]> | undefined;

/** A provider's resource of that name, else the first of the type. */
function findRecorded(type: string, name: string): RecordedResource | undefined {
  recordedOfType ??= groupByType();
  const ofType = recordedOfType.get(type);
  return ofType?.find(({ urn }) => typeAndName(urn).name === name) ?? ofType?.[0];
}

function groupByType(): Map<string, RecordedResource[]> {
  const groups = new Map<string, RecordedResource[]>();
  const resources = [...readRecordings().values()].flatMap((recording) => recording.resources);
  for (const resource of resources.filter(({ id }) => id !== undefined)) {
    const { type } = typeAndName(resource.urn);
    groups.set(type, [...(groups.get(type) ?? []), resource]);
  }
  return groups;
}

/** Replaces the recorded name, name in AWS, account and region. */
function renamer(recorded: RecordedResource, own: Place & { name: string; physicalName: unknown }) {
  const { name } = typeAndName(recorded.urn);
  const replacements: readonly (readonly [string, string])[] = [
    [recordedPlace.accountId, own.accountId],
    [recordedPlace.region, own.region],
    recorded.physicalName !== undefined && typeof own.physicalName === "string"
      ? [recorded.physicalName, own.physicalName]
      : [name, own.name],
  ];
  const rename = (value: unknown): unknown => {
    if (typeof value === "string") return replacements.reduce((text, [from, to]) => text.replaceAll(from, to), value);
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rename(item)]));
  };
  return rename;
}

/** Subnets in the order of the requests: each is in the next zone. */
const subnets: string[] = [];

/**
 * The answer to a provider function. Another program's resources are assumed to be as the configuration says and as the
 * stack needs them.
 */
export function invoke(token: string, args: Properties, { accountId, region }: Place): Properties {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId };
    case "aws:ec2/getSubnet:getSubnet": {
      const id = String(args.id);
      if (!subnets.includes(id)) subnets.push(id);
      const [, zone = (subnets.indexOf(id) % 3) + 1] = /-(\d)$/.exec(id) ?? [];
      return { id, availabilityZone: region + "abc".charAt(Number(zone) - 1), cidrBlock: "10.0.0.0/24" };
    }
    case "aws:lambda/getFunction:getFunction":
      return { role: `arn:aws:iam::${accountId}:role/role-of-${String(args.functionName)}` };
    case "aws:ec2/getVpc:getVpc":
      return { id: args.id, enableDnsSupport: true };
    case "aws:ec2/getRouteTable:getRouteTable":
      return { routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }] };
    case "aws:ec2/getVpcEndpoint:getVpcEndpoint":
      return { privateDnsEnabled: true };
    case "aws:ec2/getSecurityGroup:getSecurityGroup":
      return { id: args.id };
    case "aws:vpc/getSecurityGroupRules:getSecurityGroupRules":
      return { ids: ["sgr-1"] };
    case "aws:vpc/getSecurityGroupRule:getSecurityGroupRule":
      return { isEgress: false, ipProtocol: "tcp", fromPort: 5432, toPort: 5432, cidrIpv4: "10.0.0.0/8" };
    case "aws:rds/getCluster:getCluster": {
      const { clusterIdentifier } = args;
      const superuser = {
        secretArn: `arn:aws:secretsmanager:${region}:${accountId}:secret:rds!cluster-1-AbCdEf`,
        kmsKeyId: `arn:aws:kms:${region}:${accountId}:key/1`,
      };
      return {
        arn: `arn:aws:rds:${region}:${accountId}:cluster:${String(clusterIdentifier)}`,
        clusterIdentifier,
        endpoint: `${String(clusterIdentifier)}.cluster-1.${region}.rds.amazonaws.com`,
        engine: "aurora-postgresql",
        engineVersion: "17.4",
        masterUsername: "administrator",
        masterUserSecrets: [superuser],
        port: 5432,
        vpcSecurityGroupIds: ["sg-1"],
      };
    }
    default:
      throw new Error(`engine/stand-ins.ts has no answer for ${token}`);
  }
}
