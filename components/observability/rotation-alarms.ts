import type { Input } from "@pulumi/pulumi";
import type { Credential, RotationImplementation } from "../rotation/credential";
import { functionTimeoutSeconds } from "../rotation/lambda-function";
import { type AlarmDefinition, once } from "./metric-alarm";
import { awsMetric, ownMetric } from "./metrics";
import { rotationFailed } from "./rotation-events";

export interface RotationFunctionAlarmsArgs {
  readonly rotationFunctionName: Input<string>;
  readonly rotationImplementation: RotationImplementation;
  readonly gaugeFunctionName: Input<string>;
}

const dayInSeconds = 24 * 60 * 60;
/** Leaves time to act before Lambda ends an invocation halfway. */
const longShareOfTimeout = 0.8;

/** A gauge is read once a day. Two days in a row must breach, so that a reading at a day's border raises no alarm. */
const daily = { periodSeconds: dayInSeconds, evaluationPeriods: 2 } as const;

/** On the functions that all credentials share. Subject and condition → alarm. */
export function rotationFunctionAlarms(args: RotationFunctionAlarmsArgs): Readonly<Record<string, AlarmDefinition>> {
  const { rotationFunctionName: FunctionName } = args;
  return {
    "rotation-function-errors": {
      section: "rotation-function-errors",
      ...once,
      metric: awsMetric("AWS/Lambda", "Errors", { FunctionName }),
      description: "A step of a rotation failed; Secrets Manager tries again.",
    },
    "rotation-function-throttles": {
      section: "rotation-function-throttles",
      ...once,
      metric: awsMetric("AWS/Lambda", "Throttles", { FunctionName }),
      description: "Lambda refused to run a step of a rotation: too many functions run at once.",
    },
    ...(args.rotationImplementation === "custom" ? durationAlarm(FunctionName) : {}),
    "age-gauge-failing": {
      section: "age-gauge-failing",
      ...once,
      metric: awsMetric("AWS/Lambda", "Errors", { FunctionName: args.gaugeFunctionName }),
      description: "The function that measures the age of the last rotation failed.",
    },
  };
}

/** On one credential. Subject and condition → alarm. */
export function credentialAlarms({
  secretName: SecretName,
  rotationOverdueAfterDays,
}: Pick<Credential, "secretName" | "rotationOverdueAfterDays">): Readonly<Record<string, AlarmDefinition>> {
  return {
    "rotation-overdue": {
      section: "rotation-overdue",
      ...daily,
      metric: ownMetric("DaysSinceLastRotation", { SecretName }),
      description: `The last rotation is more than ${rotationOverdueAfterDays} days ago, or nobody has measured it for two days.`,
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: rotationOverdueAfterDays,
      treatMissingData: "breaching",
    },
    "rotation-is-off": {
      section: "rotation-is-off",
      ...daily,
      metric: ownMetric("RotationEnabled", { SecretName }),
      description: "Automatic rotation of the secret is off.",
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      treatMissingData: "notBreaching", // rotation-overdue reports a silent gauge
    },
    "pending-version-stuck": {
      section: "pending-version-stuck",
      ...once,
      metric: ownMetric("PendingVersionStuck", { SecretName }),
      description: "AWSPENDING has stayed on a version that never became current; the next rotation is refused.",
      statistic: "Maximum",
      periodSeconds: dayInSeconds,
    },
  };
}

/** For this project's function only: when AWS's is cut off, its errors show that. */
function durationAlarm(FunctionName: Input<string>): Readonly<Record<string, AlarmDefinition>> {
  return {
    "rotation-function-duration": {
      section: "rotation-function-duration",
      ...once,
      metric: awsMetric("AWS/Lambda", "Duration", { FunctionName }),
      description: `A step of a rotation took over ${longShareOfTimeout * 100} % of the ${functionTimeoutSeconds} s that it has.`,
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: longShareOfTimeout * functionTimeoutSeconds * 1000,
    },
  };
}

/** Watches the rule for Secrets Manager's own events, which do not depend on the function having been invoked. */
export function rotationFailedAlarm(ruleName: Input<string>, trailName: string): AlarmDefinition {
  return {
    ...once,
    section: rotationFailed,
    metric: awsMetric("AWS/Events", "MatchedEvents", { RuleName: ruleName }),
    description: `Secrets Manager gave up a rotation, or the test of one, as CloudTrail's trail ${trailName} recorded.`,
  };
}
