import type { Change } from "./events";

/** A difference that appears after every up against moto, although the program changed nothing. */
interface KnownDifference {
  readonly type: string;
  readonly property: string;
  readonly reason: string;
}

const knownDifferences: readonly KnownDifference[] = [
  ...[
    { property: "loggingConfig", reason: "moto does not return a function's logging configuration" },
    { property: "sourceCodeHash", reason: "moto hashes the file that was uploaded, not the code that was asked for" },
    { property: "lastModified", reason: "is unknown as soon as another property of the function differs" },
  ].map((difference) => ({ type: "aws:lambda/function:Function", ...difference })),
  ...[
    { property: "engineLifecycleSupport", reason: "moto does not return it" },
    { property: "scalingConfiguration", reason: "moto returns the one of Serverless v1, which was never asked for" },
  ].map((difference) => ({ type: "aws:rds/cluster:Cluster", ...difference })),
  ...["performanceInsightsEnabled", "performanceInsightsKmsKeyId"].map((property) => ({
    ...{ type: "aws:rds/clusterInstance:ClusterInstance", property, reason: "moto does not know Performance Insights" },
  })),
  ...[
    { property: "rotationRules", reason: "moto keeps the days between rotations, neither expression nor duration" },
    { property: "rotationLambdaArn", reason: "moto takes a rotation without days for one that is off" },
  ].map((difference) => ({ type: "aws:secretsmanager/secretRotation:SecretRotation", ...difference })),
  {
    type: "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
    property: "semanticVersion",
    reason: "moto keeps the tags that a stack was made with, and the version is one of them",
  },
  ...["availabilityZoneRebalancing", "healthCheckGracePeriodSeconds"].map((property) => ({
    ...{ type: "aws:ecs/service:Service", property, reason: "moto does not return it" },
  })),
];

/**
 * Separates the program's changes from differences that exist only because moto forgets or invents a value. A property
 * that the program itself changes is the program's, whatever moto does with it.
 *
 * @returns ours without the properties that only the emulator changes
 */
export function splitChanges(changes: readonly Change[]) {
  const ours: Change[] = [];
  const ofEmulator: Change[] = [];
  for (const change of changes) {
    const properties = change.action === "updated" ? ownProperties(change) : change.properties;
    const isOnlyKnown = properties.length === 0 && change.properties.length > 0;
    if (isOnlyKnown) ofEmulator.push(change);
    else ours.push({ ...change, properties });
  }
  return { ours, ofEmulator };
}

function ownProperties({ type, properties, changedInputs }: Change): readonly string[] {
  const isKnown = (property: string) =>
    knownDifferences.some((known) => known.type === type && known.property === property);
  const own = properties.filter((property) => !isKnown(property) || changedInputs.includes(property));
  return own.length > 0 ? own : changedInputs;
}
