import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { RedeployOnRotation } from "../../../components/service/redeploy-on-rotation";
import { functionArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const topicArn = "arn:aws:sns:us-east-1:123456789012:alarms";
const serviceArn = "arn:aws:ecs:us-east-1:123456789012:service/todo/todo";
const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:redeploy";
const build = () =>
  register(() => {
    const { urn } = new RedeployOnRotation("redeploy", {
      ...functionArgs,
      service: {
        clusterName: pulumi.output("todo"),
        serviceName: pulumi.output("todo"),
        serviceArn: pulumi.output(serviceArn),
      },
      alarms: {
        topicArn: pulumi.output(topicArn),
        deadLetterQueueArn: pulumi.output("arn:aws:sqs:us-east-1:123456789012:dead-letter-queue"),
        channel: { stackName: "todo-rotation-test", actionArns: [topicArn] },
      },
    });
    return urn;
  });
const rolePolicy = "aws:iam/rolePolicy:RolePolicy";

describe("RedeployOnRotation", () => {
  it("may redeploy this service, notify this topic, and do nothing else of substance", async () => {
    const { policyOf, sids } = await build();
    const { Statement } = policyOf(rolePolicy, "redeploy");
    assert.deepEqual(Statement.slice(0, 3), [
      {
        Sid: "RedeployService",
        Effect: "Allow",
        Action: ["ecs:DescribeServices", "ecs:UpdateService"],
        Resource: serviceArn,
      },
      { Sid: "ReportFailure", Effect: "Allow", Action: "sns:Publish", Resource: topicArn },
      {
        Sid: "UseKeyForTopic",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: functionArgs.keyArn,
        Condition: {
          StringEquals: {
            "kms:ViaService": "sns.us-east-1.amazonaws.com",
            "kms:EncryptionContext:aws:sns:topicArn": topicArn,
          },
        },
      },
    ]);
    assert.deepEqual(sids("redeploy").slice(3), ["DeliverLogs", "WriteTraces"]);
    assert.deepEqual(Statement.at(-1), {
      Sid: "WriteTraces",
      Effect: "Allow",
      Action: ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
      Resource: "*",
    });
  });

  it("is started by its rule, whose role may do only that", async () => {
    const { policyOf, inputsOf } = await build();
    assert.deepEqual(policyOf(rolePolicy, "redeploy-rule"), {
      Version: "2012-10-17",
      Statement: [
        { Sid: "StartRedeployment", Effect: "Allow", Action: "states:StartExecution", Resource: stateMachineArn },
      ],
    });
    const { arn, roleArn } = inputsOf("aws:cloudwatch/eventTarget:EventTarget");
    assert.deepEqual([arn, roleArn], [stateMachineArn, "arn:aws:iam::123456789012:role/redeploy-rule"]);
  });

  it("allows Step Functions and EventBridge to assume the roles only for this account", async () => {
    const { inputsOf } = await build();
    for (const [name, service] of [
      ["redeploy", "states.amazonaws.com"],
      ["redeploy-rule", "events.amazonaws.com"],
    ] as const) {
      const trust = String(inputsOf("aws:iam/role:Role", name).assumeRolePolicy);
      assert.match(trust, new RegExp(`"Service":"${service}".*"aws:SourceAccount":"123456789012"`));
    }
  });

  it("has enough time, is logged and traced", async () => {
    const { type, loggingConfiguration, tracingConfiguration } = (await build()).inputsOf(
      "aws:sfn/stateMachine:StateMachine",
    );
    assert.equal(type, "STANDARD");
    assert.deepEqual(loggingConfiguration, {
      level: "ALL",
      includeExecutionData: true,
      logDestination:
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/todo-rotation/test/redeploy:*",
    });
    assert.deepEqual(tracingConfiguration, { enabled: true });
  });

  for (const [name, metricName, dimensions] of [
    ["redeploy-failed", "ExecutionsFailed", { StateMachineArn: stateMachineArn }],
    ["redeploy-aborted", "ExecutionsAborted", { StateMachineArn: stateMachineArn }],
    ["redeploy-undelivered", "FailedInvocations", { RuleName: "redeploy" }],
  ] as const) {
    it(`has the alarm ${name}`, async () => {
      const alarm = (await build()).inputsOf("aws:cloudwatch/metricAlarm:MetricAlarm", name);
      assert.equal(alarm.name, `todo-rotation-test-${name}`);
      assert.deepEqual([alarm.metricName, alarm.dimensions], [metricName, dimensions]);
      assert.deepEqual(alarm.alarmActions, [topicArn]);
    });
  }
});
