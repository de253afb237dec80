import assert from "node:assert/strict";
import { EncryptionKey } from "../../../components/database/encryption-key";
import { register } from "../../support/mocks";

const args = {
  accountId: "123456789012",
  region: "us-east-1",
  alias: "todo-rotation-test",
  deletionProtection: true,
  recoveryWindowInDays: 30,
  finalSnapshot: true,
};
const keyType = "aws:kms/key:Key";

const build = (recoveryWindowInDays = args.recoveryWindowInDays) =>
  register(() => new EncryptionKey("key", { ...args, recoveryWindowInDays }).keyArn);
const statements = async () => (await build()).policyOf(keyType).Statement;

describe("EncryptionKey", () => {
  it("has an alias", async () => {
    assert.equal((await build()).inputsOf("aws:kms/alias:Alias").name, "alias/todo-rotation-test");
  });

  it("stays restorable for as long as the secret does, and for at least KMS's 7 days", async () => {
    const days = [];
    for (const recoveryWindowInDays of [30, 8, 0]) {
      days.push((await build(recoveryWindowInDays)).inputsOf(keyType).deletionWindowInDays);
    }
    assert.deepEqual(days, [30, 8, 7]);
  });

  it("allows administrators to manage it, but not to decrypt with it", async () => {
    const [administration] = (await statements()).filter(({ Sid }) => Sid === "AdministerKey");
    assert(administration);
    assert.deepEqual(administration.Principal, { AWS: "arn:aws:iam::123456789012:root" });
    assert(!/Decrypt|Encrypt|GenerateDataKey|CreateGrant|\*/.test(String(administration.Action)));
    assert(administration.Action.includes("kms:PutKeyPolicy"), "without it nobody could ever change the policy");
  });

  it("can be used only through AWS services of this account", async () => {
    const throughServices = {
      "kms:CallerAccount": "123456789012",
      "kms:ViaService": [
        "ecr.us-east-1.amazonaws.com",
        "rds.us-east-1.amazonaws.com",
        "s3.us-east-1.amazonaws.com",
        "secretsmanager.us-east-1.amazonaws.com",
        "sns.us-east-1.amazonaws.com",
      ],
    };
    const [, use, grant] = await statements();
    assert.deepEqual(use?.Condition, { StringEquals: throughServices });
    assert.deepEqual(grant?.Condition, {
      StringEquals: throughServices,
      Bool: { "kms:GrantIsForAWSResource": "true" },
    });
  });

  it("can be used directly only by alarms, rules and trails, for this account's topics and records", async () => {
    const [, , , ...services] = await statements();
    const topics = "arn:aws:sns:us-east-1:123456789012:*";
    const trails = "arn:aws:cloudtrail:us-east-1:123456789012:trail/*";
    assert.deepEqual(
      services.map(({ Principal, Action, Condition }) => ({ Principal, Action, Condition })),
      [
        {
          Principal: { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com"] },
          Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
          // None on EventBridge's source, which SNS does not pass on.
          Condition: { StringLike: { "kms:EncryptionContext:aws:sns:topicArn": topics } },
        },
        {
          Principal: { Service: "cloudtrail.amazonaws.com" },
          Action: "kms:GenerateDataKey*",
          Condition: { StringLike: { "aws:SourceArn": trails, "kms:EncryptionContext:aws:cloudtrail:arn": trails } },
        },
        {
          Principal: { Service: "cloudtrail.amazonaws.com" },
          Action: "kms:DescribeKey",
          Condition: { StringLike: { "aws:SourceArn": trails } },
        },
      ],
    );
  });
});
