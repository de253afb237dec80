import type { Input } from "@pulumi/pulumi";
import { type AlarmDefinition, once } from "./metric-alarm";
import { awsMetric } from "./metrics";

export interface ServiceAlarmsArgs {
  /** As in "app/name/id", the end of the load balancer's ARN. */
  readonly loadBalancerArnSuffix: Input<string>;
  /** As in "targetgroup/name/id". */
  readonly targetGroupArnSuffix: Input<string>;
}

/** Subject and condition → alarm. */
export function serviceAlarms(args: ServiceAlarmsArgs): Readonly<Record<string, AlarmDefinition>> {
  const { loadBalancerArnSuffix: LoadBalancer, targetGroupArnSuffix: TargetGroup } = args;
  const everyMinute = { periodSeconds: 60, evaluationPeriods: 3 } as const;
  return {
    "service-5xx": {
      section: "service-5xx",
      ...once, // no request fails, not even during a rotation: that is what this stack is for
      metric: awsMetric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", { LoadBalancer, TargetGroup }),
      description: "The todo service answered requests with 5xx.",
    },
    "load-balancer-5xx": {
      section: "service-5xx",
      ...once,
      metric: awsMetric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", { LoadBalancer }),
      description: "The load balancer answered requests with 5xx itself: no task took them, or none answered in time.",
    },
    "unhealthy-targets": {
      section: "unhealthy-targets",
      ...everyMinute,
      metric: awsMetric("AWS/ApplicationELB", "UnHealthyHostCount", { LoadBalancer, TargetGroup }),
      description: "A task of the todo service has failed its health checks for three minutes.",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      treatMissingData: "notBreaching", // no-running-task reports a target group without targets
    },
    "no-running-task": {
      section: "no-running-task",
      ...everyMinute,
      metric: awsMetric("AWS/ApplicationELB", "HealthyHostCount", { LoadBalancer, TargetGroup }),
      description: "No task of the todo service is well, or none is running.",
      statistic: "Maximum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "breaching", // not published while no target is registered
    },
  };
}
