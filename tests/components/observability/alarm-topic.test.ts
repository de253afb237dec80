import assert from "node:assert/strict";
import { AlarmTopic } from "../../../components/observability/alarm-topic";
import { register } from "../../support/mocks";

const args = { accountId: "123456789012", keyArn: "arn:aws:kms:us-east-1:123456789012:key/1", alarmEmail: undefined };
const build = (alarmEmail?: string) => register(() => new AlarmTopic("alarms", { ...args, alarmEmail }).topicArn);

describe("AlarmTopic", () => {
  it("is encrypted with the stack's key, and accepts messages only from this account's alarms and EventBridge", async () => {
    const { inputsOf, policyOf } = await build();
    assert.equal(inputsOf("aws:sns/topic:Topic").kmsMasterKeyId, args.keyArn);
    assert.deepEqual(policyOf("aws:sns/topicPolicy:TopicPolicy"), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "PublishAlarms",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: "arn:aws:sns:us-east-1:123456789012:alarms",
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
        {
          Sid: "PublishEvents", // a condition would make EventBridge's messages fail
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sns:Publish",
          Resource: "arn:aws:sns:us-east-1:123456789012:alarms",
        },
      ],
    });
  });

  it("sends e-mail only if there is an address", async () => {
    const subscription = "aws:sns/topicSubscription:TopicSubscription";
    const { protocol, endpoint } = (await build("on-call@example.com")).inputsOf(subscription);
    assert.deepEqual([protocol, endpoint], ["email", "on-call@example.com"]);
    assert.equal((await build()).count(subscription), 0);
  });
});
