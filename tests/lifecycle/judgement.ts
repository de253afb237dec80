import { splitChanges } from "./emulator";
import type { Change } from "./events";

/** What is lost with the old resource when it is replaced. */
const irreplaceable: Readonly<Record<string, string>> = {
  "aws:rds/cluster:Cluster": "the data",
  "aws:rds/clusterInstance:ClusterInstance": "every connection to it",
  "aws:secretsmanager/secret:Secret": "the credential, and the ARN that applications know",
  "aws:kms/key:Key": "whatever it encrypts, once it is deleted",
  "aws:ec2/vpc:Vpc": "the network that AWS moves neither database nor load balancer out of",
  "aws:lb/loadBalancer:LoadBalancer": "the address that domains point at",
};
/** May be removed when there are to be fewer of them: an instance, and the secret of an additional user. */
const isDeletable = ({ type, name }: Change): boolean =>
  type === "aws:rds/clusterInstance:ClusterInstance" ||
  (type === "aws:secretsmanager/secret:Secret" && name.endsWith("-database-secret"));

/** Finds what an up may not do, or a preview may not announce, on a running stack. */
export function judgeChanges(changes: readonly Change[]): string[] {
  return changes.flatMap((change) => {
    const { action, type } = change;
    const loss = irreplaceable[type];
    const isLost = action === "replaced" || (action === "deleted" && !isDeletable(change));
    const because = change.properties.length > 0 ? ` because of ${change.properties.join(", ")}` : "";
    return [
      ...(loss !== undefined && isLost ? [`${label(change)} is ${action}${because}: lost is ${loss}`] : []),
      ...(change.oldFirst ? [`${label(change)} is deleted before its replacement stands${because}`] : []),
      ...(change.keepsName
        ? [
            `${label(change)} is replaced under the same name${because}: the published provider deletes the old one first`,
          ]
        : []),
    ];
  });
}

/** Finds what a preview would change immediately after an up: nothing may be left to do. */
export function judgeSecondPreview(changes: readonly Change[]): string[] {
  return splitChanges(changes).ours.map((change) => {
    const properties = change.properties.length > 0 ? `: ${change.properties.join(", ")}` : "";
    return `${label(change)} would be ${change.action} once more${properties}`;
  });
}

/** Contains the function, and the permission to call it, if the function is AWS's. */
const application = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack credential-rotation";

/** What must be deleted before what (or before its stand-in), when a stack is destroyed, and why. */
const deletionOrder: readonly (readonly [first: string, then: string | readonly string[], reason: string])[] = [
  [
    "aws:secretsmanager/secretRotation:SecretRotation",
    ["aws:lambda/permission:Permission credential-rotation", application],
    "a rotation that starts meanwhile may not call its function",
  ],
  [
    "aws:secretsmanager/secretRotation:SecretRotation",
    ["aws:lambda/function:Function credential-rotation", application],
    "a rotation that starts meanwhile has no function",
  ],
  ["aws:ecs/service:Service", "aws:secretsmanager/secret:Secret", "tasks read it until they stop"],
  ["aws:ecs/service:Service", "aws:rds/clusterInstance:ClusterInstance", "tasks use it until they stop"],
  ["aws:ecs/service:Service", "aws:lb/listener:Listener", "tasks leave the load balancer when they stop"],
  ["aws:ecs/service:Service", "aws:ecs/cluster:Cluster", "AWS deletes no cluster with services"],
  ["aws:rds/clusterInstance:ClusterInstance", "aws:rds/cluster:Cluster", "AWS deletes no cluster with instances"],
  ["aws:rds/cluster:Cluster", "aws:kms/key:Key", "the cluster is encrypted with it"],
  ["aws:secretsmanager/secret:Secret", "aws:kms/key:Key", "the secret is encrypted with it"],
  [
    "aws:cloudwatch/eventTarget:EventTarget age-gauge",
    "aws:cloudwatch/eventRule:EventRule age-gauge",
    "AWS deletes no rule with targets",
  ],
  ["aws:cloudtrail/trail:Trail", "aws:s3/bucket:Bucket", "the trail writes into it"],
];

/**
 * Finds what was deleted before something that needs it, and half pairs, for which the order is unknown.
 *
 * @param withDatabase whether the database was the stack's own
 */
export function judgeDeletions(changes: readonly Change[], withDatabase = true): string[] {
  return deletionOrder.flatMap(([first, then, reason]) => {
    if (!withDatabase && [first, then].flat().some((type) => type.startsWith("aws:rds/"))) return [];
    const early = changes.filter((change) => label(change).startsWith(first));
    const names = [then].flat();
    const late = changes.filter((change) => names.some((name) => label(change).startsWith(name)));
    if (early.length === 0 && late.length === 0) return []; // for example the trail with trailName
    if (early.length === 0 || late.length === 0) return [`only one of ${first} and ${names.join(" or ")} was deleted`];
    return late.flatMap((one) =>
      early
        .filter((other) => one.startedAt < other.endedAt)
        .map((other) => `${label(one)} was deleted before ${label(other)} was gone: ${reason}`),
    );
  });
}

export function label({ type, name }: Change): string {
  return `${type} ${name}`;
}
