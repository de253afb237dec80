import type * as iam from "@pulumi/aws/iam";
import { interpolate } from "@pulumi/pulumi";
import type { Place } from "../settings";
import { policy, type Statement } from "./index";

/**
 * The stack's key. The account's administrators manage it but cannot decrypt with it: data goes through the AWS services
 * that hold it, on behalf of principals whose own policies allow that.
 */
export function keyPolicy({ accountId, region }: Place): iam.PolicyDocument {
  const account = { AWS: interpolate`arn:aws:iam::${accountId}:root` };
  const allowAccount = (Sid: string, Action: string | string[], Condition?: Statement["Condition"]): Statement => ({
    ...{ Sid, Effect: "Allow", Principal: account, Action, Resource: "*" },
    ...(Condition && { Condition }),
  });
  const throughServices = {
    "kms:CallerAccount": accountId,
    "kms:ViaService": ["ecr", "rds", "s3", "secretsmanager", "sns"].map(
      (service) => `${service}.${region}.amazonaws.com`,
    ),
  };
  return policy(
    allowAccount("AdministerKey", [
      "kms:CancelKeyDeletion",
      "kms:CreateAlias",
      "kms:DeleteAlias",
      "kms:DescribeKey",
      "kms:DisableKey",
      "kms:DisableKeyRotation",
      "kms:EnableKey",
      "kms:EnableKeyRotation",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListAliases",
      "kms:ListGrants",
      "kms:ListKeyPolicies",
      "kms:ListResourceTags",
      "kms:PutKeyPolicy",
      "kms:RevokeGrant",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:UpdateAlias",
      "kms:UpdateKeyDescription",
    ]),
    allowAccount(
      "UseKeyThroughServices",
      ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      { StringEquals: throughServices },
    ),
    allowAccount("GrantKeyToServices", "kms:CreateGrant", {
      StringEquals: throughServices,
      Bool: { "kms:GrantIsForAWSResource": "true" },
    }),
    ...serviceStatements({ accountId, region }),
  );
}

/**
 * AWS services that use the key as themselves, for this account's topics and trails only. Topics are identified by what
 * is encrypted, not by the source: SNS does not support aws:SourceAccount and the like for EventBridge here.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
function serviceStatements({ accountId, region }: Place): Statement[] {
  const topics = interpolate`arn:aws:sns:${region}:${accountId}:*`;
  const trails = interpolate`arn:aws:cloudtrail:${region}:${accountId}:trail/*`;
  const trail = { Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" }, Resource: "*" } as const;
  return [
    {
      Sid: "PublishToTopics",
      Effect: "Allow",
      Principal: { Service: ["cloudwatch.amazonaws.com", "events.amazonaws.com"] },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      Condition: { StringLike: { "kms:EncryptionContext:aws:sns:topicArn": topics } },
    },
    {
      ...trail,
      Sid: "EncryptTrails",
      Action: "kms:GenerateDataKey*",
      Condition: { StringLike: { "aws:SourceArn": trails, "kms:EncryptionContext:aws:cloudtrail:arn": trails } },
    },
    {
      ...trail,
      Sid: "FindKeyForTrails",
      Action: "kms:DescribeKey",
      Condition: { StringLike: { "aws:SourceArn": trails } },
    },
  ];
}
