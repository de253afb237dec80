import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type { CustomResourceOptions, Input } from "@pulumi/pulumi";
import { runbook, type RunbookSection } from "../../contract/runbook";
import type { Metric } from "./metrics";

/** Where a stack's alarms go. */
export interface AlarmChannel {
  /** Prefix of the alarms' names: project and stack. */
  readonly stackName: string;
  readonly actionArns: Input<string>[];
}

export interface AlarmDefinition {
  readonly metric: Metric;
  /** What happened when it fires, as a sentence. */
  readonly description: string;
  /** Says what to do. */
  readonly section: RunbookSection;
  readonly statistic: "Maximum" | "Minimum" | "Sum";
  readonly comparisonOperator: "GreaterThanThreshold" | "GreaterThanOrEqualToThreshold" | "LessThanThreshold";
  readonly threshold: number;
  readonly periodSeconds: number;
  /** How many periods in a row must breach the threshold. */
  readonly evaluationPeriods: number;
  /** Whether silence is normal, or itself the problem. */
  readonly treatMissingData: "notBreaching" | "breaching";
}

/** Sums up an event over five minutes, where even one is worth an alarm. */
export const once = {
  statistic: "Sum",
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  periodSeconds: 300,
  evaluationPeriods: 1,
  treatMissingData: "notBreaching", // published only when there is something to count
} as const satisfies Partial<AlarmDefinition>;

/**
 * One alarm, with a name that people look for.
 *
 * @param subjectAndCondition the end of the name, as in "rotation-overdue"
 */
export function metricAlarm(
  subjectAndCondition: string,
  { metric, description, section, periodSeconds, ...condition }: AlarmDefinition,
  { stackName, actionArns }: AlarmChannel,
  opts: CustomResourceOptions,
): cloudwatch.MetricAlarm {
  return new cloudwatch.MetricAlarm(
    subjectAndCondition,
    {
      name: `${stackName}-${subjectAndCondition}`,
      alarmDescription: `${description} What to do: ${runbook(section)}`,
      ...metric,
      ...condition,
      period: periodSeconds,
      alarmActions: actionArns,
    },
    opts,
  );
}
