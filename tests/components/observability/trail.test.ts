import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Trail } from "../../../components/observability/trail";
import { functionArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const args = {
  ...functionArgs,
  trailName: "todo-rotation-test",
  deletionProtection: true,
};
const build = (overrides: Partial<typeof args> = {}) =>
  register(() => pulumi.output(new Trail("trail", { ...args, ...overrides }).urn));

describe("Trail", () => {
  it("records under its name, encrypted, with digests that reveal changes", async () => {
    assert.deepEqual((await build()).inputsOf("aws:cloudtrail/trail:Trail"), {
      name: "todo-rotation-test",
      s3BucketName: "trail",
      kmsKeyId: args.keyArn,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: false,
    });
  });

  it("is the only writer to its bucket, and only over TLS", async () => {
    const { policyOf } = await build();
    const trail = { "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:123456789012:trail/todo-rotation-test" };
    const byTrail = { Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" } };
    assert.deepEqual(policyOf("aws:s3/bucketPolicy:BucketPolicy"), {
      Version: "2012-10-17",
      Statement: [
        {
          ...byTrail,
          Sid: "FindBucket",
          Action: "s3:GetBucketAcl",
          Resource: "arn:aws:s3:::trail",
          Condition: { StringEquals: trail },
        },
        {
          ...byTrail,
          Sid: "WriteRecords",
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::trail/AWSLogs/123456789012/*",
          Condition: { StringEquals: { ...trail, "s3:x-amz-acl": "bucket-owner-full-control" } },
        },
        {
          Sid: "DenyPlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: ["arn:aws:s3:::trail", "arn:aws:s3:::trail/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
  });

  it("keeps its records as long as logs, and allows deletion of a bucket with records only if unprotected", async () => {
    const { inputsOf } = await build();
    const [rule] = inputsOf("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").rules as {
      expiration: unknown;
    }[];
    assert.deepEqual(rule?.expiration, { days: 30 });
    assert.equal(inputsOf("aws:s3/bucket:Bucket").forceDestroy, false);
    const unprotected = await build({ deletionProtection: false });
    assert.equal(unprotected.inputsOf("aws:s3/bucket:Bucket").forceDestroy, true);
  });
});
