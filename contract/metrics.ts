/**
 * This project's metrics. The functions that publish them and the alarms and dashboards that read them share one list,
 * so no alarm can watch a metric that is never published.
 *
 * Namespaces that begin with "AWS/" belong to Amazon; AWS/SecretsManager has no rotation metrics.
 */
export const metricNamespace = "TodoRotation";

/** SecretName is the secret's name, never its ARN. Step is one of the four rotation steps, like "setSecret". */
export type DimensionName = "SecretName" | "Step";

export interface MetricDefinition {
  /** One of CloudWatch's units; "None" where CloudWatch has no unit. */
  readonly unit: "Count" | "Milliseconds" | "None";
  /** All of them, in any order: CloudWatch finds a metric only under exactly the dimensions it was published with. */
  readonly dimensions: readonly DimensionName[];
}

/** Metric name → how it is published. */
export const metrics = {
  /** reportAge, daily. Days (with fraction) since the last rotation, or since the secret's creation if there was none. */
  DaysSinceLastRotation: { unit: "None", dimensions: ["SecretName"] },
  /** reportAge, daily. 1 while automatic rotation is on, else 0. */
  RotationEnabled: { unit: "None", dimensions: ["SecretName"] },
  /** reportAge, daily. 1 when AWSPENDING has been on a version that is not AWSCURRENT for over an hour, else 0. */
  PendingVersionStuck: { unit: "None", dimensions: ["SecretName"] },
  /** rotate. How long one invocation took, whether it succeeded or not. */
  StepDuration: { unit: "Milliseconds", dimensions: ["SecretName", "Step"] },
  /** rotate. 1 when finishSecret succeeds; a repeated finishSecret publishes it again. */
  RotationSucceeded: { unit: "Count", dimensions: ["SecretName"] },
  /**
   * rotate. 1 for each step that fails. Secrets Manager then retries the rotation several times before it counts as
   * failed and the CloudTrail event RotationFailed is sent.
   */
  RotationFailed: { unit: "Count", dimensions: ["SecretName"] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof metrics;
