import * as cloudtrail from "@pulumi/aws/cloudtrail";
import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { trailBucketPolicy } from "../policies/resource-policies";
import type { LogSettings, Place } from "../settings";

export interface TrailArgs extends Place, Pick<LogSettings, "logRetentionDays"> {
  readonly trailName: string;
  readonly keyArn: pulumi.Input<string>;
  /** Protects a bucket with records in it from deletion. */
  readonly deletionProtection: boolean;
}

/**
 * A trail of the region's management events. EventBridge receives failed rotations only while one is logging:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export class Trail extends pulumi.ComponentResource {
  constructor(name: string, args: TrailArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:Trail", name, {}, opts);

    const bucket = new s3.Bucket(name, { forceDestroy: !args.deletionProtection }, { parent: this });
    const inBucket = { bucket: bucket.id };
    const policy = new s3.BucketPolicy(
      name,
      { ...inBucket, policy: pulumi.jsonStringify(trailBucketPolicy(bucket.arn, args)) },
      { parent: this },
    );
    new s3.BucketPublicAccessBlock(
      name,
      {
        ...inBucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { parent: this },
    );
    new s3.BucketServerSideEncryptionConfiguration(
      name,
      {
        ...inBucket,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.keyArn } }],
      },
      { parent: this },
    );
    new s3.BucketLifecycleConfiguration(
      name,
      {
        ...inBucket,
        rules: [{ id: "expire", status: "Enabled", filter: {}, expiration: { days: args.logRetentionDays } }],
      },
      { parent: this },
    );
    new cloudtrail.Trail(
      name,
      {
        name: args.trailName,
        s3BucketName: bucket.id,
        kmsKeyId: args.keyArn,
        enableLogFileValidation: true,
        includeGlobalServiceEvents: false, // they would be recorded, and paid for, again in each region
      },
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({ bucketName: bucket.id });
  }
}
