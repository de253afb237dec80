import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { topicPolicy } from "../policies/resource-policies";

export interface AlarmTopicArgs {
  readonly accountId: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
  /** Who gets an e-mail, once the address is confirmed. */
  readonly alarmEmail: string | undefined;
}

/** The topic for everything that people should know: encrypted, and open only to this account's alarms and rules. */
export class AlarmTopic extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: AlarmTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:AlarmTopic", name, {}, opts);
    const child = { parent: this };

    const topic = new sns.Topic(name, { kmsMasterKeyId: args.keyArn }, child);
    const policy = new sns.TopicPolicy(
      name,
      { arn: topic.arn, policy: pulumi.jsonStringify(topicPolicy(topic.arn, args.accountId)) },
      child,
    );
    if (args.alarmEmail !== undefined) {
      new sns.TopicSubscription(name, { topic: topic.arn, protocol: "email", endpoint: args.alarmEmail }, child);
    }

    // Publishers wait for the policy.
    this.topicArn = policy.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}
