import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sfn from "@pulumi/aws/sfn";
import * as pulumi from "@pulumi/pulumi";
import type { Alarms } from "../observability";
import { undeliveredAlarm } from "../observability/dead-letter-queue";
import { type AlarmDefinition, metricAlarm, once } from "../observability/metric-alarm";
import { awsMetric } from "../observability/metrics";
import { allow, redeployStatements, serviceRole } from "../policies";
import { redeployDefinition, redeploySection } from "./redeploy-state-machine";
import type { LogSettings, Place } from "../settings";
import type { TodoService } from "./index";

export interface RedeployOnRotationArgs extends Place, LogSettings {
  readonly keyArn: pulumi.Input<string>;
  readonly secretArn: pulumi.Input<string>;
  readonly service: Pick<TodoService, "clusterName" | "serviceName" | "serviceArn">;
  readonly alarms: Pick<Alarms, "topicArn" | "channel" | "deadLetterQueueArn">;
}

/**
 * Secrets Manager sends this itself, without a trail, and for manual changes as well:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/secret-event-notifications.html
 */
function currentVersionChangedPattern(secretArn: pulumi.Input<string>) {
  return {
    source: ["aws.secretsmanager"],
    "detail-type": ["Secret Label Updated"],
    resources: [secretArn],
    detail: { labelUpdated: ["AWSCURRENT"] },
  };
}

/**
 * Step Functions adds each log group with another prefix to the account's one policy for log deliveries, which has room
 * for 5120 characters: https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
 */
const logPrefix = "/aws/vendedlogs/states";

/** A failed execution has notified the topic; one that was stopped manually, or could not notify, has not. */
function executionsAlarm(
  metric: "ExecutionsAborted" | "ExecutionsFailed",
  stateMachineArn: pulumi.Input<string>,
): AlarmDefinition {
  return {
    section: redeploySection,
    metric: awsMetric("AWS/States", metric, { StateMachineArn: stateMachineArn }),
    description: "The credential changed, but the service was not deployed anew with it.",
    ...once,
  };
}

/** Redeploys a service that gets its credential when a task starts, each time the credential changes. */
export class RedeployOnRotation extends pulumi.ComponentResource {
  constructor(name: string, args: RedeployOnRotationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:RedeployOnRotation", name, {}, opts);
    const child = { parent: this };

    const stateMachine = this.#stateMachine(name, args);
    const start = allow("StartRedeployment", "states:StartExecution", stateMachine.arn);
    const rule = new cloudwatch.EventRule(
      name,
      {
        description: "The current version of the database credential changed",
        eventPattern: pulumi.jsonStringify(currentVersionChangedPattern(args.secretArn)),
      },
      child,
    );
    const { accountId } = args;
    const { roleArn, rolePolicy } = serviceRole(`${name}-rule`, "events.amazonaws.com", accountId, [start], child);
    new cloudwatch.EventTarget(
      name,
      { rule: rule.name, arn: stateMachine.arn, roleArn, deadLetterConfig: { arn: args.alarms.deadLetterQueueArn } },
      { parent: this, dependsOn: rolePolicy },
    );
    const alarms = {
      "redeploy-failed": executionsAlarm("ExecutionsFailed", stateMachine.arn),
      "redeploy-aborted": executionsAlarm("ExecutionsAborted", stateMachine.arn),
      "redeploy-undelivered": undeliveredAlarm(rule.name),
    };
    for (const [key, alarm] of Object.entries(alarms)) metricAlarm(key, alarm, args.alarms.channel, child);
    this.registerOutputs({ stateMachineArn: stateMachine.arn });
  }

  #stateMachine(name: string, args: RedeployOnRotationArgs): sfn.StateMachine {
    const { service, alarms, accountId } = args;
    const { topicArn } = alarms;
    const child = { parent: this };
    const logGroup = new cloudwatch.LogGroup(
      name,
      { name: `${logPrefix}${args.logGroupPrefix}${name}`, retentionInDays: args.logRetentionDays },
      child,
    );
    const statements = redeployStatements({ ...args, serviceArn: service.serviceArn, topicArn });
    const { roleArn, rolePolicy } = serviceRole(name, "states.amazonaws.com", accountId, statements, child);
    return new sfn.StateMachine(
      name,
      {
        type: "STANDARD", // an express one ends after five minutes
        roleArn,
        definition: pulumi.jsonStringify(redeployDefinition({ ...service, topicArn })),
        loggingConfiguration: {
          level: "ALL",
          includeExecutionData: true, // names, ids and states: nothing secret passes through
          logDestination: pulumi.interpolate`${logGroup.arn}:*`,
        },
        tracingConfiguration: { enabled: true },
      },
      { parent: this, dependsOn: rolePolicy },
    );
  }
}
