import type { Input } from "@pulumi/pulumi";
import { metricNamespace, type metrics as ownMetrics, type MetricName } from "../../contract/metrics";

/** A metric exactly as it is published: CloudWatch finds it only under all of its dimensions. */
export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, Input<string>>>;
}

/**
 * AWS's metrics that this stack watches: namespace → metric → its dimensions, with AWS's documentation of each
 * namespace. AWS/SecretsManager is not here: that namespace only counts secrets.
 */
export const awsMetrics = {
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
  "AWS/ApplicationELB": {
    HTTPCode_ELB_5XX_Count: ["LoadBalancer"],
    HTTPCode_Target_5XX_Count: ["LoadBalancer", "TargetGroup"],
    HealthyHostCount: ["LoadBalancer", "TargetGroup"],
    RequestCount: ["LoadBalancer", "TargetGroup"],
    TargetResponseTime: ["LoadBalancer", "TargetGroup"],
    UnHealthyHostCount: ["LoadBalancer", "TargetGroup"],
  },
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
  "AWS/Events": { FailedInvocations: ["RuleName"], MatchedEvents: ["RuleName"] },
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  "AWS/Lambda": { Duration: ["FunctionName"], Errors: ["FunctionName"], Throttles: ["FunctionName"] },
  // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
  "AWS/RDS": {
    ACUUtilization: ["DBClusterIdentifier", "Role"],
    DatabaseConnections: ["DBClusterIdentifier", "Role"],
    FreeLocalStorage: ["DBClusterIdentifier", "Role"],
    ServerlessDatabaseCapacity: ["DBClusterIdentifier", "Role"],
  },
  // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
  "AWS/States": { ExecutionsAborted: ["StateMachineArn"], ExecutionsFailed: ["StateMachineArn"] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

type AwsMetrics = typeof awsMetrics;
type Values<Names> = Readonly<
  Record<Names extends readonly (infer Name extends string)[] ? Name : never, Input<string>>
>;

/** One of AWS's own metrics. One that AWS does not publish does not compile. */
export function awsMetric<Namespace extends keyof AwsMetrics, Name extends keyof AwsMetrics[Namespace] & string>(
  namespace: Namespace,
  metricName: Name,
  dimensions: Values<AwsMetrics[Namespace][Name]>,
): Metric {
  return { namespace, metricName, dimensions };
}

/** A metric that rotation-fn publishes, under the names that contract/metrics.ts gives to both sides. */
export function ownMetric<Name extends MetricName>(
  metricName: Name,
  dimensions: Values<(typeof ownMetrics)[Name]["dimensions"]>,
): Metric {
  return { namespace: metricNamespace, metricName, dimensions };
}
