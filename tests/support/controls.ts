import type { Resource } from "../../engine/graph";
import { readStackConfig } from "../../engine/stack-config";
import { root } from "./whole-program";

type Inputs = Readonly<Record<string, unknown>>;

/** What the checks query in a stack's graph. */
export class Stack {
  /** Whether the provider tags everything that it creates. */
  readonly areTagsDefault: boolean;

  constructor(
    stack: string,
    private readonly resources: readonly Resource[],
  ) {
    const { tags } = JSON.parse(readStackConfig(root, stack)["aws:defaultTags"] ?? "{}") as { tags?: Inputs };
    this.areTagsDefault = tags?.Project === "todo-rotation" && tags.Environment === stack;
  }

  /** The inputs of every resource of the type, for example "rds/cluster:Cluster". */
  inputs(type: string): Inputs[] {
    return this.resources
      .filter((one) => one.type === `aws:${type}` || one.type === `awsx:${type}`)
      .map((one) => one.inputs);
  }

  /** Whether at least one exists and it holds for all of them. */
  all(type: string, holds: (inputs: Inputs) => boolean): boolean {
    const inputs = this.inputs(type);
    return inputs.length > 0 && inputs.every(holds);
  }

  /** The same, or undefined if none exists. */
  allIfAny(type: string, holds: (inputs: Inputs) => boolean): boolean | undefined {
    return this.inputs(type).length === 0 ? undefined : this.all(type, holds);
  }

  get container(): Inputs {
    return this.task.container as Inputs;
  }

  get task(): Inputs {
    return (this.inputs("ecs:FargateService")[0]?.taskDefinitionArgs ?? {}) as Inputs;
  }

  /** Ports that security groups open to 0.0.0.0/0 or ::/0. */
  get portsOpenToAll(): unknown[] {
    const rules = this.inputs("vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    return rules
      .filter(({ cidrIpv4, cidrIpv6 }) => cidrIpv4 ?? cidrIpv6)
      .map(({ fromPort, toPort }) => [fromPort, toPort]);
  }

  hasEndpoint(service: string): boolean {
    return this.inputs("ec2/vpcEndpoint:VpcEndpoint").some(({ serviceName }) =>
      String(serviceName).endsWith(`.${service}`),
    );
  }
}

const cluster = "rds/cluster:Cluster";
const instance = "rds/clusterInstance:ClusterInstance";
const lambda = "lambda/function:Function";
const loadBalancer = "lb:ApplicationLoadBalancer";
const repository = "ecr:Repository";
const key = "kms/key:Key";
const trail = "cloudtrail/trail:Trail";

const hasEntries = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
const tagged = (stack: Stack): boolean => stack.areTagsDefault;
const privateBuckets = (stack: Stack): boolean =>
  stack.all("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", (one) =>
    [one.blockPublicAcls, one.blockPublicPolicy, one.ignorePublicAcls, one.restrictPublicBuckets].every(Boolean),
  );
const onlyWebPortsOpen = ({ portsOpenToAll }: Stack): boolean =>
  portsOpenToAll.length > 0 &&
  portsOpenToAll.every((ports) => ["[80,80]", "[443,443]"].includes(JSON.stringify(ports)));

/** Security Hub control → whether it holds; undefined if the stack has no such resource. */
export const checks: Readonly<Record<string, (stack: Stack) => boolean | undefined>> = {
  "CloudWatch.15": (stack) =>
    stack.allIfAny("cloudwatch/metricAlarm:MetricAlarm", (one) => hasEntries(one.alarmActions)),
  "CloudWatch.16": (stack) => stack.all("cloudwatch/logGroup:LogGroup", (one) => Number(one.retentionInDays) >= 365),
  "CloudWatch.17": (stack) =>
    stack.allIfAny("cloudwatch/metricAlarm:MetricAlarm", (one) => one.actionsEnabled !== false),
  "CloudTrail.1": (stack) => stack.all(trail, (one) => one.isMultiRegionTrail === true),
  "CloudTrail.2": (stack) => stack.all(trail, (one) => one.kmsKeyId !== undefined),
  "CloudTrail.4": (stack) => stack.all(trail, (one) => one.enableLogFileValidation === true),
  "CloudTrail.5": (stack) => stack.all(trail, (one) => one.cloudWatchLogsGroupArn !== undefined),
  "CloudTrail.6": privateBuckets,
  "CloudTrail.7": (stack) => stack.inputs("s3/bucketLogging:BucketLogging").length > 0,
  "CloudTrail.9": tagged,
  "EC2.2": (stack) =>
    stack.all(
      "ec2/defaultSecurityGroup:DefaultSecurityGroup",
      (one) => !hasEntries(one.ingress) && !hasEntries(one.egress),
    ),
  "EC2.6": (stack) =>
    stack.all("ec2/flowLog:FlowLog", (one) => one.trafficType === "REJECT" || one.trafficType === "ALL"),
  "EC2.10": (stack) => stack.hasEndpoint("ec2"),
  "EC2.13": onlyWebPortsOpen,
  "EC2.14": onlyWebPortsOpen,
  "EC2.18": onlyWebPortsOpen,
  "EC2.19": onlyWebPortsOpen,
  "EC2.22": (stack) => {
    const inUse = [
      "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    ];
    const groups = new Set(inUse.flatMap((type) => stack.inputs(type).map((one) => one.securityGroupId)));
    return groups.size === stack.inputs("ec2/securityGroup:SecurityGroup").length;
  },
  "EC2.39": tagged,
  "EC2.42": tagged,
  "EC2.43": tagged,
  "EC2.44": tagged,
  "EC2.46": tagged,
  "EC2.48": tagged,
  "EC2.53": onlyWebPortsOpen,
  "EC2.54": onlyWebPortsOpen,
  "EC2.55": (stack) => stack.hasEndpoint("ecr.api"),
  "EC2.56": (stack) => stack.hasEndpoint("ecr.dkr"),
  "EC2.57": (stack) => stack.hasEndpoint("ssm"),
  "ECR.1": (stack) =>
    stack.all(repository, (one) => (one.imageScanningConfiguration as Inputs | undefined)?.scanOnPush === true),
  "ECR.2": (stack) => stack.all(repository, (one) => one.imageTagMutability === "IMMUTABLE"),
  "ECR.3": (stack) => stack.all(repository, (one) => hasEntries((one.lifecyclePolicy as Inputs | undefined)?.rules)),
  "ECR.5": (stack) =>
    stack.all(repository, (one) =>
      ((one.encryptionConfigurations ?? []) as Inputs[]).some((e) => e.encryptionType === "KMS"),
    ),
  "ECS.1": ({ task, container }) => task.networkMode !== "host" && container.user !== "root",
  "ECS.2": (stack) =>
    stack.all("ecs:FargateService", (one) => (one.networkConfiguration as Inputs).assignPublicIp === false),
  "ECS.3": ({ task }) => task.pidMode === undefined,
  "ECS.4": ({ container }) => container.privileged === false,
  "ECS.5": ({ container }) => container.readonlyRootFilesystem === true,
  "ECS.8": ({ container }) =>
    (container.environment as Inputs[]).every(({ name }) => !/ACCESS_KEY|PASSWORD|ENGINE_AUTH/.test(String(name))),
  "ECS.9": ({ container }) => (container.logConfiguration as Inputs | undefined)?.logDriver === "awslogs",
  "ECS.10": (stack) => stack.all("ecs:FargateService", (one) => one.platformVersion === "LATEST"),
  "ECS.12": (stack) =>
    stack.all("ecs/cluster:Cluster", (one) =>
      (one.settings as Inputs[]).some(({ name, value }) => name === "containerInsights" && value === "enabled"),
    ),
  "ECS.13": tagged,
  "ECS.14": tagged,
  "ECS.15": tagged,
  "ECS.17": ({ task }) => task.networkMode !== "host",
  "ECS.20": ({ container }) => /^[1-9]\d*$/.test(String(container.user)),
  "ELB.1": (stack) =>
    stack.all(loadBalancer, (one) =>
      (one.listeners as Inputs[]).every(
        ({ protocol, defaultActions }) =>
          protocol !== "HTTP" || (defaultActions as Inputs[] | undefined)?.[0]?.type === "redirect",
      ),
    ),
  "ELB.4": (stack) => stack.all(loadBalancer, (one) => one.dropInvalidHeaderFields === true),
  "ELB.5": (stack) => stack.all(loadBalancer, (one) => one.accessLogs !== undefined),
  "ELB.6": (stack) => stack.all(loadBalancer, (one) => one.enableDeletionProtection === true),
  "ELB.12": (stack) =>
    stack.all(loadBalancer, (one) => /^(defensive|strictest)$/.test(String(one.desyncMitigationMode))),
  "ELB.13": (stack) => stack.all(loadBalancer, (one) => (one.subnetIds as unknown[]).length >= 2),
  "ELB.16": (stack) => stack.inputs("wafv2/webAclAssociation:WebAclAssociation").length > 0,
  "ELB.17": (stack) =>
    stack.all(loadBalancer, (one) =>
      (one.listeners as Inputs[]).some(({ sslPolicy }) => sslPolicy === "ELBSecurityPolicy-TLS13-1-2-2021-06"),
    ),
  "ELB.18": (stack) =>
    stack.all(loadBalancer, (one) => (one.listeners as Inputs[]).every(({ protocol }) => protocol === "HTTPS")),
  "ELB.21": (stack) =>
    stack.all(loadBalancer, ({ defaultTargetGroup }) => {
      return ((defaultTargetGroup as Inputs).healthCheck as Inputs).protocol === "HTTPS";
    }),
  "ELB.22": (stack) => stack.all(loadBalancer, (one) => (one.defaultTargetGroup as Inputs).protocol === "HTTPS"),
  "KMS.2": (stack) =>
    stack.all("iam/rolePolicy:RolePolicy", ({ policy }) => {
      const { Statement } = JSON.parse(String(policy)) as { Statement: Inputs[] };
      return Statement.every(({ Action, Resource }) => Resource !== "*" || !JSON.stringify(Action).includes("kms:"));
    }),
  "KMS.3": (stack) => stack.all(key, (one) => one.isEnabled !== false),
  "KMS.4": (stack) => stack.all(key, (one) => one.enableKeyRotation === true),
  "KMS.5": (stack) => stack.all(key, (one) => !/"Principal":("\*"|\{"AWS":"\*"\})/.test(String(one.policy))),
  "Lambda.1": (stack) =>
    stack.all(
      "lambda/permission:Permission",
      (one) => one.principal !== "*" && (one.sourceAccount ?? one.sourceArn) !== undefined,
    ),
  "Lambda.2": (stack) => stack.all(lambda, (one) => one.runtime === "nodejs24.x"),
  "Lambda.3": (stack) => stack.all(lambda, (one) => one.vpcConfig !== undefined),
  "Lambda.5": (stack) => stack.all(lambda, (one) => ((one.vpcConfig as Inputs).subnetIds as unknown[]).length >= 2),
  "Lambda.6": tagged,
  "Lambda.7": (stack) => stack.all(lambda, (one) => (one.tracingConfig as Inputs).mode === "Active"),
  "RDS.2": (stack) => stack.all(instance, (one) => one.publiclyAccessible === false),
  "RDS.3": (stack) => stack.all(cluster, (one) => one.storageEncrypted === true),
  "RDS.6": (stack) => stack.all(instance, (one) => Number(one.monitoringInterval) > 0),
  "RDS.7": (stack) => stack.all(cluster, (one) => one.deletionProtection === true),
  "RDS.12": (stack) => stack.all(cluster, (one) => one.iamDatabaseAuthenticationEnabled === true),
  "RDS.13": (stack) => stack.all(instance, (one) => one.autoMinorVersionUpgrade === true),
  "RDS.15": (stack) => new Set(stack.inputs(instance).map((one) => one.availabilityZone)).size >= 2,
  "RDS.16": (stack) => stack.all(cluster, (one) => one.copyTagsToSnapshot === true),
  "RDS.17": (stack) => stack.all(instance, (one) => one.copyTagsToSnapshot === true),
  "RDS.19": (stack) => stack.inputs("rds/eventSubscription:EventSubscription").length > 0,
  "RDS.20": (stack) => stack.inputs("rds/eventSubscription:EventSubscription").length > 0,
  "RDS.23": (stack) => stack.all(cluster, (one) => one.port !== 5432),
  "RDS.24": (stack) => stack.all(cluster, (one) => !["postgres", "admin"].includes(String(one.masterUsername))),
  "RDS.26": (stack) => stack.inputs("backup/plan:Plan").length > 0,
  "RDS.27": (stack) => stack.all(cluster, (one) => one.storageEncrypted === true && one.kmsKeyId !== undefined),
  "RDS.28": tagged,
  "RDS.30": tagged,
  "RDS.33": tagged,
  "RDS.37": (stack) => stack.all(cluster, (one) => String(one.enabledCloudwatchLogsExports) === "postgresql"),
  "RDS.46": (stack) =>
    stack.all("rds/subnetGroup:SubnetGroup", (one) =>
      (one.subnetIds as string[]).every((id) => id.startsWith("subnet-network-private-")),
    ),
  "RDS.50": (stack) => stack.all(cluster, (one) => Number(one.backupRetentionPeriod) >= 7),
  "S3.2": privateBuckets,
  "S3.3": privateBuckets,
  "S3.5": (stack) =>
    stack.all("s3/bucketPolicy:BucketPolicy", ({ policy }) => String(policy).includes('"aws:SecureTransport":"false"')),
  "S3.6": (stack) =>
    stack.all("s3/bucketPolicy:BucketPolicy", ({ policy }) => {
      const { Statement } = JSON.parse(String(policy)) as { Statement: Inputs[] };
      return Statement.every(
        ({ Effect, Principal }) => Effect === "Deny" || !JSON.stringify(Principal).includes("AWS"),
      );
    }),
  "S3.7": (stack) => stack.inputs("s3/bucketReplicationConfig:BucketReplicationConfig").length > 0,
  "S3.8": privateBuckets,
  "S3.9": (stack) => stack.inputs("s3/bucketLogging:BucketLogging").length > 0,
  "S3.11": (stack) => stack.inputs("s3/bucketNotification:BucketNotification").length > 0,
  "S3.12": (stack) => stack.all("s3/bucket:Bucket", (one) => one.acl === undefined && one.grants === undefined),
  "S3.13": (stack) =>
    stack.all("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", (one) => hasEntries(one.rules)),
  "S3.14": (stack) => stack.inputs("s3/bucketVersioning:BucketVersioning").length > 0,
  "S3.15": (stack) => stack.all("s3/bucket:Bucket", (one) => one.objectLockEnabled === true),
  "S3.17": (stack) =>
    stack.all("s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", (one) =>
      JSON.stringify(one.rules).includes('"sseAlgorithm":"aws:kms"'),
    ),
  "SecretsManager.1": (stack) =>
    stack.inputs("secretsmanager/secret:Secret").length ===
    stack.inputs("secretsmanager/secretRotation:SecretRotation").length,
  "SecretsManager.4": (stack) =>
    stack.all("secretsmanager/secretRotation:SecretRotation", ({ rotationRules }) => {
      const { automaticallyAfterDays, scheduleExpression } = rotationRules as Inputs;
      const isWeekly = /^cron\(0 \d+ \? \* [A-Z]{3} \*\)$/.test(String(scheduleExpression));
      return isWeekly || Number(automaticallyAfterDays) <= 90;
    }),
  "SecretsManager.5": tagged,
  "SNS.1": (stack) => stack.allIfAny("sns/topic:Topic", (one) => one.kmsMasterKeyId !== undefined),
  "SNS.3": (stack) => stack.allIfAny("sns/topic:Topic", () => stack.areTagsDefault),
  "SNS.4": (stack) =>
    stack.allIfAny("sns/topicPolicy:TopicPolicy", (one) => !String(one.policy).includes('"Principal":"*"')),
  "SQS.1": (stack) => stack.allIfAny("sqs/queue:Queue", (one) => one.sqsManagedSseEnabled === true),
  "SQS.2": (stack) => stack.allIfAny("sqs/queue:Queue", () => stack.areTagsDefault),
  "SQS.3": (stack) =>
    stack.allIfAny("sqs/queuePolicy:QueuePolicy", (one) => !String(one.policy).includes('"Principal":"*"')),
  "StepFunctions.1": (stack) =>
    stack.allIfAny("sfn/stateMachine:StateMachine", (one) => one.loggingConfiguration !== undefined),
  "StepFunctions.2": (stack) => stack.allIfAny("sfn/activity:Activity", () => stack.areTagsDefault),
};
