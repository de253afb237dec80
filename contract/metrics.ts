/**
 * The metrics of this project, as the functions publish them and as alarms and dashboards name them: one list for both
 * sides, so that no alarm can watch a metric that nobody publishes.
 *
 * Namespaces that begin with "AWS/" are Amazon's; AWS/SecretsManager itself has no metric of rotations.
 */
export const metricNamespace = "TodoRotation";

/** SecretName is the secret's name, never its ARN; Step is one of the four steps of a rotation, such as "setSecret". */
export type DimensionName = "SecretName" | "Step";

export interface MetricDefinition {
  /** One of CloudWatch's units; "None" for what it has no unit for. */
  readonly unit: "Count" | "Milliseconds" | "None";
  /** All of them, in no order: CloudWatch finds a metric only under exactly the dimensions that it was published with. */
  readonly dimensions: readonly DimensionName[];
}

/** Metric name → how it is published. */
export const metrics = {
  /** reportAge, daily. Days with a fraction since the last rotation; since the secret's creation where there was none. */
  DaysSinceLastRotation: { unit: "None", dimensions: ["SecretName"] },
  /** reportAge, daily. 1 while automatic rotation is on, else 0. */
  RotationEnabled: { unit: "None", dimensions: ["SecretName"] },
  /** reportAge, daily. 1 when AWSPENDING has been on a version that is not AWSCURRENT for over an hour, else 0. */
  PendingVersionStuck: { unit: "None", dimensions: ["SecretName"] },
  /** rotate. How long one invocation took, whether it succeeded or not. */
  StepDuration: { unit: "Milliseconds", dimensions: ["SecretName", "Step"] },
  /** rotate. 1 when finishSecret succeeds, repeated for a finishSecret that is repeated. */
  RotationSucceeded: { unit: "Count", dimensions: ["SecretName"] },
  /**
   * rotate. 1 for each step that fails. Secrets Manager then runs the rotation again, several times, before it counts
   * as failed and the CloudTrail event RotationFailed is sent.
   */
  RotationFailed: { unit: "Count", dimensions: ["SecretName"] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;
