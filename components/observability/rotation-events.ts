import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import { runbook } from "../../contract/runbook";

export interface RotationEventsArgs {
  readonly secretArn: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
  readonly deadLetterQueueArn: pulumi.Input<string>;
}

/**
 * The ends of a rotation that need attention. They are service events of CloudTrail, with the secret's full ARN:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
 */
function rotationFailedPattern(secretArn: pulumi.Input<string>) {
  return {
    source: ["aws.secretsmanager"],
    "detail-type": ["AWS Service Event via CloudTrail"],
    detail: {
      eventSource: ["secretsmanager.amazonaws.com"],
      eventName: ["RotationFailed", "RotationAbandoned", "TestRotationFailed"],
      additionalEventData: { SecretId: [secretArn] },
    },
  };
}

/** The alarm's name, and the runbook's section. */
export const rotationFailed = "rotation-failed";

/** Reports a failed rotation as soon as Secrets Manager does, with its reason, in words. */
export class RotationEvents extends pulumi.ComponentResource {
  readonly ruleName: pulumi.Output<string>;

  constructor(name: string, args: RotationEventsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:RotationEvents", name, {}, opts);

    const rule = new cloudwatch.EventRule(
      name,
      {
        description: "A rotation of the database credential failed",
        eventPattern: pulumi.jsonStringify(rotationFailedPattern(args.secretArn)),
      },
      { parent: this },
    );
    new cloudwatch.EventTarget(
      name,
      {
        rule: rule.name,
        arn: args.topicArn,
        deadLetterConfig: { arn: args.deadLetterQueueArn },
        inputTransformer: {
          inputPaths: {
            event: "$.detail.eventName",
            secret: "$.detail.additionalEventData.SecretId",
            time: "$.time",
            reason: "$.detail.errorMessage",
          },
          // Each line is its own JSON string. If an event lacks a reason, its place stays empty.
          inputTemplate: [
            "<event>: <secret>",
            "at <time>",
            "Secrets Manager says: <reason>",
            `What to do: ${runbook(rotationFailed)}`,
          ]
            .map((line) => JSON.stringify(line))
            .join("\n"),
        },
      },
      { parent: this },
    );

    this.ruleName = rule.name;
    this.registerOutputs({ ruleName: this.ruleName });
  }
}
