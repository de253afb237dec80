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
  /** What the provider knows before the resource exists, beside the inputs. */
  readonly known: Properties;
  /** What it knows afterwards, beside the inputs. */
  readonly outputs: Properties;
}

/** Not in a recording: an image, which Docker builds, the repository made for it, and AWS's applications, which the emulator lacks. */
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
 * What was recorded of the resource, or of another one of its type, under its own name.
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

function findRecorded(type: string, name: string): RecordedResource | undefined {
  const resources = [...readRecordings().values()].flatMap((recording) => recording.resources);
  const ofType = resources.filter(({ urn, id }) => id !== undefined && typeAndName(urn).type === type);
  return ofType.find(({ urn }) => typeAndName(urn).name === name) ?? ofType[0];
}

/** Puts name, name in AWS, account and region in the place of the recorded ones. */
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

/** The answer to a provider function. */
export function invoke(token: string, args: Properties, { accountId, region }: Place): Properties {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId };
    case "aws:ec2/getSubnet:getSubnet": {
      const [, zone = "1"] = /-(\d)$/.exec(String(args.id)) ?? [];
      return { availabilityZone: region + "abc".charAt(Number(zone) - 1) };
    }
    case "aws:lambda/getFunction:getFunction":
      return { role: `arn:aws:iam::${accountId}:role/role-of-${String(args.functionName)}` };
    default:
      throw new Error(`engine/stand-ins.ts has no answer for ${token}`);
  }
}
