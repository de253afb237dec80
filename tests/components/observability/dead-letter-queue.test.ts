import assert from "node:assert/strict";
import { DeadLetterQueue } from "../../../components/observability/dead-letter-queue";
import { register } from "../../support/mocks";

const args = { accountId: "123456789012", region: "us-east-1" };
const build = () => register(() => new DeadLetterQueue("dead-letter-queue", args).queueArn);

describe("DeadLetterQueue", () => {
  it("keeps messages for 14 days, encrypted", async () => {
    assert.deepEqual((await build()).inputsOf("aws:sqs/queue:Queue"), {
      messageRetentionSeconds: 1_209_600,
      sqsManagedSseEnabled: true,
    });
  });

  it("accepts events only from this account's rules", async () => {
    const { policyOf, result } = await build();
    assert.deepEqual(policyOf("aws:sqs/queuePolicy:QueuePolicy"), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "KeepUndeliveredEvents",
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: result,
          Condition: { ArnLike: { "aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/*" } },
        },
      ],
    });
  });
});
