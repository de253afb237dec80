import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import type { Credential, Credentials, RotationImplementation } from "../rotation/credential";
import type { WatchedDatabase } from "./database-alarms";
import type { ServiceAlarmsArgs } from "./service-alarms";
import { awsMetric, ownMetric, type Metric } from "./metrics";

export interface DashboardArgs {
  readonly stackName: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** AWS's function publishes no metrics of its own, so there are no marks and no graphs for its steps. */
  readonly rotationImplementation: RotationImplementation;
  readonly database: WatchedDatabase;
  readonly service: ServiceAlarmsArgs | undefined;
  readonly alarmArns: pulumi.Input<string>[];
}

/** Rotation and service on one page, to show whether the service noticed a rotation. */
export class Dashboard extends pulumi.ComponentResource {
  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:Dashboard", name, {}, opts);
    new cloudwatch.Dashboard(
      name,
      { dashboardName: args.stackName, dashboardBody: pulumi.jsonStringify(dashboardBody(args)) },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

const rotationSteps = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const dayInSeconds = 24 * 60 * 60;
/** The dashboard is 24 units wide. */
const half = { width: 12, height: 6 };
const quarter = { width: 6, height: 6 };

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
function dashboardBody(args: DashboardArgs) {
  const graphOf =
    (size: object): Graph =>
    (title, metrics, options = {}) => ({
      type: "metric",
      ...size,
      properties: { title, region: args.region, period: 300, metrics, ...options },
    });
  const alarms = { type: "alarm", width: 24, height: 4, properties: { title: "Alarms", alarms: args.alarmArns } };
  // Widgets without a position fill the rows from left to right.
  const [own, ...others] = args.credentials;
  const rotations = rotationGraphs(own, args, graphOf(half));
  const rows = others.flatMap((credential) => rotationGraphs(credential, args, ofUser(credential, graphOf(quarter))));
  const service = args.service === undefined ? [] : serviceGraphs(args.service, args, graphOf(half));
  return { widgets: [alarms, ...rotations, ...service, ...databaseGraphs(args, graphOf(half)), ...rows] };
}

type Graph = (title: string, metrics: unknown[], options?: object) => object;

/** A graph whose title names the user. */
function ofUser({ username }: Credential, graph: Graph): Graph {
  return (title, ...rest) => graph(`${username}: ${title}`, ...rest);
}

function rotationGraphs(credential: Credential, args: DashboardArgs, graph: Graph): object[] {
  const { secretName: SecretName, rotationOverdueAfterDays } = credential;
  const overdue = { label: "overdue", value: rotationOverdueAfterDays };
  const age = [ownMetric("DaysSinceLastRotation", { SecretName })];
  const states = [ownMetric("RotationEnabled", { SecretName }), ownMetric("PendingVersionStuck", { SecretName })];
  const daily = { period: dayInSeconds };
  return [
    graph("Days since the last rotation", lines(age, { stat: "Maximum" }), {
      ...daily,
      annotations: { horizontal: [overdue] },
    }),
    graph("Rotation on, pending version stuck", lines(states, { stat: "Maximum" }), daily),
    ...(args.rotationImplementation === "custom" ? stepGraphs(SecretName, graph) : []),
  ];
}

function stepGraphs(SecretName: string, graph: Graph): object[] {
  const outcomes = [ownMetric("RotationSucceeded", { SecretName }), ownMetric("RotationFailed", { SecretName })];
  return [
    graph("Rotations succeeded, steps failed", lines(outcomes, { stat: "Sum" }), { view: "timeSeries", stacked: true }),
    graph(
      "Duration of the steps (ms)",
      rotationSteps.flatMap((Step) =>
        lines([ownMetric("StepDuration", { SecretName, Step })], { stat: "Maximum", label: Step }),
      ),
    ),
  ];
}

function serviceGraphs(
  { loadBalancerArnSuffix: LoadBalancer, targetGroupArnSuffix: TargetGroup }: ServiceAlarmsArgs,
  args: DashboardArgs,
  graph: Graph,
): object[] {
  const targets = { LoadBalancer, TargetGroup };
  const latency = awsMetric("AWS/ApplicationELB", "TargetResponseTime", targets);
  const errors = [
    awsMetric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", targets),
    awsMetric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", { LoadBalancer }),
  ];
  const marks = { stat: "Sum", label: "rotation", yAxis: "right" };
  const succeeded = [ownMetric("RotationSucceeded", { SecretName: args.credentials[0].secretName })];
  const rotations = args.rotationImplementation === "custom" ? lines(succeeded, marks) : [];
  return [
    graph("Latency (s), and rotations", [
      ...["p50", "p99"].flatMap((stat) => lines([latency], { stat, label: stat })),
      ...rotations,
    ]),
    graph("Failed requests, and rotations", [...lines(errors, { stat: "Sum" }), ...rotations]),
    graph("Requests", lines([awsMetric("AWS/ApplicationELB", "RequestCount", targets)], { stat: "Sum" })),
    graph(
      "Tasks in service",
      lines(
        [
          awsMetric("AWS/ApplicationELB", "HealthyHostCount", targets),
          awsMetric("AWS/ApplicationELB", "UnHealthyHostCount", targets),
        ],
        { stat: "Maximum" },
      ),
    ),
  ];
}

function databaseGraphs({ database: { clusterIdentifier, capacity } }: DashboardArgs, graph: Graph): object[] {
  const writer = { DBClusterIdentifier: clusterIdentifier, Role: "WRITER" };
  const acu = lines([awsMetric("AWS/RDS", "ServerlessDatabaseCapacity", writer)], { stat: "Maximum" });
  const most = { label: "maximum", value: capacity?.maxCapacityAcu };
  return [
    ...(capacity ? [graph("Database capacity (ACU)", acu, { annotations: { horizontal: [most] } })] : []),
    graph("Database connections", lines([awsMetric("AWS/RDS", "DatabaseConnections", writer)], { stat: "Maximum" })),
  ];
}

/** Metrics as a graph takes them: [namespace, name, dimension, value, …, options]. */
function lines(metrics: readonly Metric[], options: object): unknown[] {
  return metrics.map(({ namespace, metricName, dimensions }) => [
    namespace,
    metricName,
    ...Object.entries(dimensions).flat(),
    options,
  ]);
}
