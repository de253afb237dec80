import assert from "node:assert/strict";
import type { Resource } from "../engine/graph";
import { toTerraform } from "./support/terraform-mapping";
import { findTerraform, TerraformWorkspace, type Installation, type TerraformResource } from "./support/terraform";
import { runStack } from "./support/whole-program";

/** What @pulumi/aws 7, built on the AWS provider 6, has and the installed provider lacks. Each must still occur. */
const knownDifferences: readonly { readonly finding: RegExp; readonly reason: string }[] = [
  {
    finding: /^aws_lambda_function\.[\w-]+: expected runtime to be one of \[.* "nodejs22\.x"\], got nodejs24\.x$/,
    reason: "the AWS provider 5.100 (June 2025) ends at nodejs22.x; Lambda has had nodejs24.x since November 2025",
  },
];

type Inputs = Readonly<Record<string, unknown>>;

/** Wrong inputs that compile and pass under mocks: type of resource, what is wrong, how the finding names it. */
const mistakes: readonly (readonly [type: string, inputs: Inputs, finding: RegExp])[] = [
  ["aws:lambda/function:Function", { architectures: ["arm"] }, /architectures/],
  ["aws:lambda/function:Function", { timeout: 1200 }, /timeout to be in the range \(1 - 900\)/],
  ["aws:lambda/function:Function", { loggingConfig: { logFormat: "YAML" } }, /log_format to be one of/],
  ["aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 31 }, /retention_in_days to be one of/],
  ["aws:kms/key:Key", { deletionWindowInDays: 3 }, /deletion_window_in_days to be in the range/],
  ["aws:kms/key:Key", { policy: "{not json" }, /"policy" contains an invalid JSON/],
  ["aws:secretsmanager/secret:Secret", { recoveryWindowInDays: 3 }, /recovery_window_in_days/],
  [
    "aws:secretsmanager/secretRotation:SecretRotation",
    { rotationRules: { automaticallyAfterDays: 7, scheduleExpression: "rate(7 days)" } },
    /automatically_after_days/,
  ],
  [
    "aws:secretsmanager/secretRotation:SecretRotation",
    { rotationRules: { automaticallyAfterDays: 1001 } },
    /automatically_after_days/,
  ],
  ["aws:rds/cluster:Cluster", { engineMode: "serverlessv2" }, /engine_mode to be one of/],
  ["aws:rds/cluster:Cluster", { backupRetentionPeriod: 40 }, /backup_retention_period to be at most \(35\)/],
  ["aws:rds/cluster:Cluster", { serverlessv2ScalingConfiguration: { maxCapacity: 300 } }, /max_capacity|min_capacity/],
  ["aws:rds/cluster:Cluster", { enabledCloudwatchLogsExports: ["postgres"] }, /enabled_cloudwatch_logs_exports/],
  ["aws:rds/cluster:Cluster", { masterPassword: "example-password-1" }, /"master_password": conflicts with/],
  ["aws:ec2/vpcEndpoint:VpcEndpoint", { vpcEndpointType: "Private" }, /vpc_endpoint_type to be one of/],
  ["aws:ec2/flowLog:FlowLog", { trafficType: "REJECTED" }, /traffic_type to be one of/],
  ["aws:iam/rolePolicy:RolePolicy", { policy: "" }, /"policy" is an empty string/],
  ["aws:lambda/permission:Permission", { sourceAccount: "1234" }, /source_account/],
  [
    "aws:ecs/cluster:Cluster",
    { settings: [{ name: "insights", value: "enabled" }] },
    /expected name to be one of \["containerInsights"\]/,
  ],
  ["awsx:ecs:FargateService", { propagateTags: "TASKS" }, /propagate_tags to be one of/],
  ["awsx:lb:ApplicationLoadBalancer", { desyncMitigationMode: "careful" }, /desync_mitigation_mode to be one of/],
  ["awsx:lb:ApplicationLoadBalancer", { listeners: [{ port: 80, protocol: "HTTPX" }] }, /protocol to be one of/],
  ["awsx:ecr:Repository", { imageTagMutability: "FROZEN" }, /image_tag_mutability to be one of/],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", { treatMissingData: "ok" }, /treat_missing_data to be one of/],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", { comparisonOperator: "MoreThan" }, /comparison_operator to be one of/],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", { statistic: "Median" }, /statistic to be one of/],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", { alarmActions: ["pager"] }, /alarm_actions/],
  ["aws:cloudwatch/eventRule:EventRule", { eventPattern: "{not json" }, /event_pattern/],
  ["aws:cloudwatch/eventTarget:EventTarget", { roleArn: "role" }, /role_arn/],
  ["aws:cloudwatch/dashboard:Dashboard", { dashboardBody: "{not json" }, /dashboard_body/],
  ["aws:sns/topicSubscription:TopicSubscription", { protocol: "mail" }, /protocol to be one of/],
  ["aws:sfn/stateMachine:StateMachine", { type: "SLOW" }, /expected type to be one of/],
  ["aws:cloudtrail/trail:Trail", { kmsKeyId: "key" }, /kms_key_id/],
  [
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    { rules: [{ id: "expire", status: "On", filter: {}, expiration: { days: 30 } }] },
    /status/,
  ],
  ["aws:kms/alias:Alias", { targetKey: "key" }, /Unsupported argument|Extraneous JSON object property/],
];

// An extra check on machines that have both; CI requires it with TF_PLUGIN_MIRROR, and then it may not be missing.
const installation = findTerraform();
if (installation === undefined) console.error("left out: terraform and its AWS provider are not installed here");
else
  describe("the graph against the AWS provider's schema", () => {
    validateGraphs(installation);
  });

function validateGraphs(installed: Installation): void {
  const everything = {
    credentialDelivery: "environment",
    rotationStrategy: "alternating-users",
    alarmEmail: "on-call@example.com",
  };
  const variants = [
    ["dev", {}],
    ["prod", {}],
    ["dev", everything],
    ["dev", { rotationImplementation: "aws-provided", rotationStrategy: "alternating-users" }],
  ] as const;
  const counts: number[] = [];
  let findings: readonly string[];

  // All at once, because Terraform's start takes longer than the validation.
  before(async () => {
    const workspace = new TerraformWorkspace(installed);
    const schemas = workspace.schemas();
    try {
      const validated: TerraformResource[] = [];
      for (const [i, [stack, overrides]] of variants.entries()) {
        const resources = toTerraform((await runStack(stack, overrides)).resources, schemas);
        counts.push(resources.length);
        validated.push(...named(`variant-${i}-`, resources));
      }
      const { resources } = await runStack("dev", everything);
      for (const [i, [type, inputs]] of mistakes.entries()) {
        validated.push(...named(`mistake-${i}-`, toTerraform([withInputs(resources, type, inputs)], schemas)));
      }
      findings = workspace.validate(validated);
      const foreign = findings.filter((finding) => !/\.(variant|mistake)-\d+-/.test(finding));
      assert.deepEqual(foreign, []);
    } finally {
      workspace.remove();
    }
  });

  const findingsIn = (prefix: string) => findings.filter((finding) => finding.includes(`.${prefix}-`));

  for (const [i, [stack, overrides]] of variants.entries()) {
    it(`accepts every resource of ${stack} ${JSON.stringify(overrides)}, except for the known differences`, () => {
      assert((counts[i] ?? 0) > 50, `${counts[i]} resources`);
      const found = findingsIn(`variant-${i}`);
      assert.deepEqual(
        found.filter((finding) => !knownDifferences.some((known) => known.finding.test(finding))),
        [],
      );
      for (const { finding, reason } of knownDifferences) {
        assert(
          found.some((one) => finding.test(one)),
          `no longer a difference: ${reason}`,
        );
      }
    });
  }

  it(`catches ${mistakes.length} mistakes that compile and pass under mocks`, () => {
    const missed = mistakes.filter(
      ([, , expected], i) => !findingsIn(`mistake-${i}`).some((one) => expected.test(one)),
    );
    assert.deepEqual(
      missed.map(([type, inputs]) => `${type} ${JSON.stringify(inputs)}`),
      [],
      findings.join(" | "),
    );
  });
}

/** One of the resources of the type, with other inputs. */
function withInputs(resources: readonly Resource[], type: string, inputs: Inputs): Resource {
  const original = resources.find((resource) => resource.type === type);
  assert(original, type);
  return { ...original, inputs: { ...original.inputs, ...inputs } };
}

function named(prefix: string, resources: readonly TerraformResource[]): TerraformResource[] {
  return resources.map((one) => ({ ...one, name: `${prefix}${one.name}` }));
}
