import * as sqs from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmDefinition, once } from "./metric-alarm";
import { awsMetric } from "./metrics";
import { deadLetterQueuePolicy } from "../policies/resource-policies";
import type { Place } from "../settings";

const fourteenDaysInSeconds = 14 * 24 * 60 * 60; // the longest that SQS keeps a message

/** Keeps the events that a rule of the stack could not deliver to its target, each with the reason. */
export class DeadLetterQueue extends pulumi.ComponentResource {
  readonly queueArn: pulumi.Output<string>;
  readonly queueUrl: pulumi.Output<string>;

  constructor(name: string, args: Place, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:DeadLetterQueue", name, {}, opts);

    const queue = new sqs.Queue(
      name,
      { messageRetentionSeconds: fourteenDaysInSeconds, sqsManagedSseEnabled: true },
      { parent: this },
    );
    const policy = new sqs.QueuePolicy(
      name,
      { queueUrl: queue.url, policy: pulumi.jsonStringify(deadLetterQueuePolicy(queue.arn, args)) },
      { parent: this },
    );

    // Senders wait for the policy.
    this.queueArn = pulumi.all([queue.arn, policy.id]).apply(([arn]) => arn);
    this.queueUrl = queue.url;
    this.registerOutputs({ queueArn: this.queueArn, queueUrl: this.queueUrl });
  }
}

/** EventBridge counts an event here when it gives up: immediately if it may not call the target, else after a day. */
export function undeliveredAlarm(ruleName: pulumi.Input<string>): AlarmDefinition {
  return {
    section: "event-not-delivered",
    metric: awsMetric("AWS/Events", "FailedInvocations", { RuleName: ruleName }),
    description: "EventBridge could not deliver an event to the target of a rule, and gave it up.",
    ...once,
  };
}
