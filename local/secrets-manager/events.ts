/**
 * What AWS sends to EventBridge about a secret, in short: the progress of a rotation (CloudTrail service events, which
 * need a trail) and moves of AWSCURRENT (native, on by default).
 */
export type SecretsManagerEvent =
  | { readonly eventName: RotationEventName; readonly secretArn: string; readonly errorMessage?: string }
  | {
      readonly eventName: "Secret Label Updated";
      readonly secretArn: string;
      readonly labelUpdated: "AWSCURRENT";
      readonly versionId: string;
    };

type RotationEventName = "RotationAbandoned" | `${"" | "Test"}Rotation${"Started" | "Succeeded" | "Failed"}`;
