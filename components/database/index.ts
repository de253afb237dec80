import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import type { Destination } from "../network/traffic";
import type { DatabaseCapacity } from "../observability/database-alarms";
import { assumeRolePolicy, type SuperuserSecret } from "../policies";

export interface DatabaseArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Private subnets, one in each Availability Zone. */
  readonly subnetIds: pulumi.Output<string[]>;
  readonly keyArn: pulumi.Input<string>;
  readonly databaseName: string;
  /** "17" follows Aurora's default minor version, "17.4" stays. */
  readonly engineVersion: string;
  readonly instanceCount: number;
  /** In Aurora capacity units, steps of 0.5; 0 lets the database pause. */
  readonly minCapacityAcu: number;
  readonly maxCapacityAcu: number;
  /** Applies when minCapacityAcu is 0. */
  readonly secondsUntilAutoPause: number;
  readonly backupRetentionDays: number;
  readonly deletionProtection: boolean;
  readonly finalSnapshot: boolean;
  /** Project and stack: prefix of that snapshot's name. */
  readonly stackName: string;
}

const databasePort = 5432;
/** Not postgres or admin: attackers try those names. */
const masterUsername = "todo_admin";
/** Below this, Performance Insights takes capacity from the database itself. */
const minCapacityForPerformanceInsights = 2;
const enhancedMonitoringSeconds = 60;

/**
 * Aurora PostgreSQL Serverless v2, in private subnets, encrypted, TLS only. RDS creates and rotates the master
 * credential itself, so no password passes through the program.
 */
export class Database extends pulumi.ComponentResource {
  readonly clusterIdentifier: pulumi.Output<string>;
  readonly clusterArn: pulumi.Output<string>;
  /** The writer's host name. */
  readonly clusterEndpoint: pulumi.Output<string>;
  readonly superuserSecret: SuperuserSecret;
  /** Accepts PostgreSQL connections from the groups that allowTraffic() admits. */
  readonly destination: Destination;
  readonly port: number;
  readonly capacity: DatabaseCapacity;

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:Database", name, {}, opts);

    const securityGroup = new ec2.SecurityGroup(
      name,
      { description: "Aurora PostgreSQL", vpcId: args.vpcId },
      { parent: this },
    );
    const cluster = this.#cluster(name, args, securityGroup.id);
    const monitoringRoleArn = this.#monitoringRoleArn(name);
    for (let i = 0; i < args.instanceCount; i++) this.#instance(name, i, cluster, monitoringRoleArn, args);

    this.clusterIdentifier = cluster.clusterIdentifier;
    this.clusterArn = cluster.arn;
    this.clusterEndpoint = cluster.endpoint;
    const masterUserSecretArn = cluster.masterUserSecrets.apply(([secret]) => {
      if (secret === undefined)
        throw new Error("Aurora returned no secret of the master user: manageMasterUserPassword is off");
      return secret.secretArn;
    });
    this.superuserSecret = { secretArn: masterUserSecretArn, keyArn: args.keyArn };
    this.port = databasePort;
    this.destination = { securityGroupId: securityGroup.id, port: databasePort };
    const { minCapacityAcu, maxCapacityAcu } = args;
    this.capacity = { minCapacityAcu, maxCapacityAcu };
    this.registerOutputs({
      clusterIdentifier: this.clusterIdentifier,
      clusterArn: this.clusterArn,
      clusterEndpoint: this.clusterEndpoint,
      masterUserSecretArn,
      securityGroupId: securityGroup.id,
    });
  }

  #cluster(name: string, args: DatabaseArgs, securityGroupId: pulumi.Input<string>): rds.Cluster {
    const majorVersion = args.engineVersion.split(".")[0];
    const subnetGroup = new rds.SubnetGroup(name, { subnetIds: args.subnetIds }, { parent: this });
    const parameterGroup = new rds.ClusterParameterGroup(
      name,
      {
        family: `aurora-postgresql${majorVersion}`,
        parameters: [{ name: "rds.force_ssl", value: "1" }],
      },
      { parent: this },
    );
    return new rds.Cluster(
      name,
      {
        engine: "aurora-postgresql",
        engineMode: "provisioned", // the mode that Serverless v2 runs in
        engineVersion: args.engineVersion,
        engineLifecycleSupport: "open-source-rds-extended-support-disabled", // once it starts, it multiplies the price
        serverlessv2ScalingConfiguration: {
          minCapacity: args.minCapacityAcu,
          maxCapacity: args.maxCapacityAcu,
          ...(args.minCapacityAcu === 0 ? { secondsUntilAutoPause: args.secondsUntilAutoPause } : {}),
        },
        databaseName: args.databaseName,
        port: databasePort,
        masterUsername,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: args.keyArn,
        iamDatabaseAuthenticationEnabled: true,
        storageEncrypted: true,
        kmsKeyId: args.keyArn,
        dbSubnetGroupName: subnetGroup.name,
        vpcSecurityGroupIds: [securityGroupId],
        dbClusterParameterGroupName: parameterGroup.name,
        enabledCloudwatchLogsExports: ["postgresql"],
        backupRetentionPeriod: args.backupRetentionDays,
        copyTagsToSnapshot: true,
        deletionProtection: args.deletionProtection,
        skipFinalSnapshot: !args.finalSnapshot,
        ...(args.finalSnapshot ? { finalSnapshotIdentifier: finalSnapshotIdentifier(args) } : {}),
        applyImmediately: true,
      },
      // Only a new cluster creates this database; for another name, AWS would replace the cluster and lose the data.
      { parent: this, protect: args.deletionProtection, ignoreChanges: ["databaseName"] },
    );
  }

  #monitoringRoleArn(name: string): pulumi.Output<string> {
    const role = new iam.Role(
      `${name}-monitoring`,
      { assumeRolePolicy: pulumi.jsonStringify(assumeRolePolicy("monitoring.rds.amazonaws.com")) },
      { parent: this },
    );
    const attachment = new iam.RolePolicyAttachment(
      `${name}-monitoring`,
      { role: role.name, policyArn: iam.ManagedPolicy.AmazonRDSEnhancedMonitoringRole },
      { parent: this },
    );
    // RDS refuses a role without the permission, so the ARN waits for it.
    return pulumi.all([role.arn, attachment.id]).apply(([arn]) => arn);
  }

  #instance(
    name: string,
    index: number,
    cluster: rds.Cluster,
    monitoringRoleArn: pulumi.Input<string>,
    args: DatabaseArgs,
  ): void {
    const performanceInsightsEnabled = args.minCapacityAcu >= minCapacityForPerformanceInsights;
    const subnetId = args.subnetIds.apply((ids) => ids[index % ids.length] ?? "");
    new rds.ClusterInstance(
      `${name}-${index + 1}`,
      {
        clusterIdentifier: cluster.id,
        engine: "aurora-postgresql", // no version: it is the cluster's, and changes with it
        instanceClass: "db.serverless",
        availabilityZone: ec2.getSubnetOutput({ id: subnetId }, { parent: this }).availabilityZone,
        dbSubnetGroupName: cluster.dbSubnetGroupName,
        publiclyAccessible: false,
        caCertIdentifier: "rds-ca-rsa2048-g1",
        autoMinorVersionUpgrade: true,
        copyTagsToSnapshot: true,
        monitoringInterval: enhancedMonitoringSeconds,
        monitoringRoleArn,
        performanceInsightsEnabled,
        ...(performanceInsightsEnabled && { performanceInsightsKmsKeyId: args.keyArn }),
      },
      // An instance stays where it was created. It may be the writer, and a changed number of zones would replace it.
      { parent: this, ignoreChanges: ["availabilityZone"] },
    );
  }
}

/** RDS refuses a name that is taken. A stack that is created again has a new key, whose id makes the name unique. */
function finalSnapshotIdentifier({ stackName, keyArn }: DatabaseArgs): pulumi.Output<string> {
  return pulumi.output(keyArn).apply((arn) => `${stackName}-final-${arn.slice(arn.indexOf("/") + 1).slice(0, 8)}`);
}
