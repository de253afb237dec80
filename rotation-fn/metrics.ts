import {
  type DimensionName,
  type MetricDefinition,
  metricNamespace,
  type MetricName,
  metrics,
} from "../contract/metrics";
import type { RotationEvent } from "./rotate";

/** The dimensions that a metric is published with, and their values. */
type DimensionsOf<Name extends MetricName> = Readonly<
  Record<(typeof metrics)[Name]["dimensions"][number] & DimensionName, string>
>;

/**
 * Publishes metrics as one line of CloudWatch's embedded metric format: no call, no permission, no endpoint in the VPC.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * Writes to stdout, since Lambda wraps what console.log prints and CloudWatch then finds no metric in it. Does without
 * `@aws-lambda-powertools/metrics`, which adds a dimension `service` to every metric.
 */
export function publishMetrics<Name extends MetricName>(
  values: Readonly<Record<Name, number>>,
  dimensions: DimensionsOf<Name>,
): void {
  const directives = (Object.keys(values) as Name[]).map((name) => {
    const { unit, dimensions: names }: MetricDefinition = metrics[name];
    return { Namespace: metricNamespace, Dimensions: [names], Metrics: [{ Name: name, Unit: unit }] };
  });
  const metadata = { Timestamp: Date.now(), CloudWatchMetrics: directives };
  process.stdout.write(`${JSON.stringify({ _aws: metadata, ...dimensions, ...values })}\n`);
}

/** Runs one step and publishes how long it took and, if that ends the rotation or an attempt at it, how it ended. */
export async function measureStep(
  { Step: step, SecretId: secretArn }: RotationEvent,
  run: () => Promise<void>,
): Promise<void> {
  const dimensions = { SecretName: secretNameOf(secretArn), Step: step };
  const startedAt = Date.now();
  try {
    await run();
  } catch (error) {
    publishMetrics({ StepDuration: Date.now() - startedAt, RotationFailed: 1 }, dimensions);
    throw error;
  }
  const StepDuration = Date.now() - startedAt;
  if (step === "finishSecret") publishMetrics({ StepDuration, RotationSucceeded: 1 }, dimensions);
  else publishMetrics({ StepDuration }, dimensions);
}

/** The secret's name from its full ARN, which ends in a hyphen and six characters that Secrets Manager adds. */
export function secretNameOf(secretArn: string): string {
  return secretArn.replace(/^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:/, "").replace(/-[A-Za-z0-9]{6}$/, "");
}
