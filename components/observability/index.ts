import * as pulumi from "@pulumi/pulumi";
import { AgeGauge } from "./age-gauge";
import { AlarmTopic } from "./alarm-topic";
import { type Credentials, forEachCredential, type RotationImplementation } from "../rotation/credential";
import type { CredentialRotation } from "../rotation";
import { Dashboard } from "./dashboard";
import { DeadLetterQueue, undeliveredAlarm } from "./dead-letter-queue";
import { databaseAlarms, type WatchedDatabase } from "./database-alarms";
import type { Destination } from "../network/traffic";
import type { FunctionSettings } from "../rotation/lambda-function";
import { metricAlarm, type AlarmChannel } from "./metric-alarm";
import type { Place } from "../settings";
import { credentialAlarms, rotationFailedAlarm, rotationFunctionAlarms } from "./rotation-alarms";
import { rotationFailed, RotationEvents } from "./rotation-events";
import { serviceAlarms, type ServiceAlarmsArgs } from "./service-alarms";
import { Trail } from "./trail";

export interface AlarmsArgs extends FunctionSettings, Place {
  /** Project and stack: prefix of the alarms' names, and name of the trail and the dashboard. */
  readonly stackName: string;
  readonly keyArn: pulumi.Input<string>;
  readonly credentials: Credentials;
  readonly destinations: Readonly<Record<"endpoints", Destination>>;
  readonly alarmEmail: string | undefined;
  /** What every alarm does in addition to notifying the topic. */
  readonly alarmActionArns: readonly string[];
  /** A trail that records the region's management events; undefined creates one. */
  readonly trailName: string | undefined;
  readonly deletionProtection: boolean;
  readonly database: WatchedDatabase;
  readonly rotation: CredentialRotation;
  readonly rotationImplementation: RotationImplementation;
  /** Undefined if the service that uses the credentials belongs to another program. */
  readonly service: ServiceAlarmsArgs | undefined;
}

/** Everything that reports trouble: the topic, the alarms and what they watch, the dashboard. */
export class Alarms extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly ageGaugeFunctionName: pulumi.Output<string>;
  readonly deadLetterQueueArn: pulumi.Output<string>;
  readonly deadLetterQueueUrl: pulumi.Output<string>;
  readonly channel: AlarmChannel;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:Alarms", name, {}, opts);
    const child = { parent: this };
    const { stackName, credentials, rotation, service } = args;
    const { clusterIdentifier, capacity } = args.database;

    const { topicArn } = new AlarmTopic(name, args, child);
    const { queueArn: deadLetterQueueArn, queueUrl: deadLetterQueueUrl } = new DeadLetterQueue(
      "dead-letter-queue",
      args,
      child,
    );
    const gauge = new AgeGauge(
      "age-gauge",
      { ...args, endpoints: args.destinations.endpoints, deadLetterQueueArn, invokedAfter: [rotation] },
      child,
    );
    const { trailName = stackName } = args;
    if (args.trailName === undefined) new Trail("trail", { ...args, trailName }, child);

    const ofCredentials = forEachCredential(credentials, (credential, nameOf) => {
      const events = { ...credential, topicArn, deadLetterQueueArn };
      const { ruleName } = new RotationEvents(nameOf(rotationFailed), events, child);
      const definitions = {
        [rotationFailed]: rotationFailedAlarm(ruleName, trailName),
        [`${rotationFailed}-undelivered`]: undeliveredAlarm(ruleName),
        ...credentialAlarms(credential),
      };
      return Object.entries(definitions).map(([key, definition]) => [nameOf(key), definition] as const);
    });
    const definitions = {
      ...Object.fromEntries(ofCredentials.flat()),
      "age-gauge-undelivered": undeliveredAlarm(gauge.ruleName),
      ...rotationFunctionAlarms({
        ...args,
        rotationFunctionName: rotation.functionName,
        gaugeFunctionName: gauge.functionName,
      }),
      ...(service && serviceAlarms(service)),
      ...(capacity && databaseAlarms(clusterIdentifier, capacity)),
    };
    const channel: AlarmChannel = { stackName, actionArns: [topicArn, ...args.alarmActionArns] };
    const alarms = Object.entries(definitions).map(([key, definition]) => metricAlarm(key, definition, channel, child));
    new Dashboard(name, { ...args, alarmArns: alarms.map(({ arn }) => arn) }, child);

    this.topicArn = topicArn;
    this.ageGaugeFunctionName = gauge.functionName;
    this.deadLetterQueueArn = deadLetterQueueArn;
    this.deadLetterQueueUrl = deadLetterQueueUrl;
    this.channel = channel;
    const { ageGaugeFunctionName } = this;
    this.registerOutputs({ topicArn, ageGaugeFunctionName, deadLetterQueueArn, deadLetterQueueUrl });
  }
}
