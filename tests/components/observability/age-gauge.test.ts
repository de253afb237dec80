import assert from "node:assert/strict";
import { AgeGauge } from "../../../components/observability/age-gauge";
import { functionArgs, otherCredential, ownCredential } from "../../support/function-args";
import { register } from "../../support/mocks";

const args = {
  ...functionArgs,
  endpoints: functionArgs.destinations.endpoints,
  deadLetterQueueArn: "arn:aws:sqs:us-east-1:123456789012:dead-letter-queue",
};
const build = () => register(() => new AgeGauge("age-gauge", args).functionName);

describe("AgeGauge", () => {
  it("runs reportAge once a day, by its own rule only", async () => {
    const { inputsOf } = await build();
    assert.equal(inputsOf("aws:lambda/function:Function").handler, "index.reportAge");
    assert.equal(inputsOf("aws:cloudwatch/eventRule:EventRule").scheduleExpression, "rate(1 day)");
    assert.equal(
      inputsOf("aws:cloudwatch/eventTarget:EventTarget").arn,
      "arn:aws:lambda:us-east-1:123456789012:function:age-gauge",
    );
    const { principal, sourceArn } = inputsOf("aws:lambda/permission:Permission");
    assert.deepEqual(
      [principal, sourceArn],
      ["events.amazonaws.com", "arn:aws:events:us-east-1:123456789012:rule/age-gauge"],
    );
  });

  it("reads after each deployment of another list of users, and may describe each secret", async () => {
    const credentials = [ownCredential, otherCredential] as const;
    const { inputsOf, policyOf } = await register(
      () => new AgeGauge("age-gauge", { ...args, credentials }).functionName,
    );
    const { triggers } = inputsOf("aws:lambda/invocation:Invocation");
    assert.equal((triggers as { users: string }).users, "todo report");
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Resource: unknown }[] };
    assert.deepEqual(Statement[0]?.Resource, [ownCredential.secretArn, otherCredential.secretArn]);
  });

  it("reads after each deployment of other code, so that no day is without a reading", async () => {
    const { input, triggers } = (await build()).inputsOf("aws:lambda/invocation:Invocation");
    assert.equal(input, "{}");
    assert.match((triggers as { code: string }).code, /^[0-9a-f]{64}$/);
  });

  it("describes its secret and its versions, reads no value, and reaches only Secrets Manager", async () => {
    const { policyOf, all } = await build();
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Sid: string }[] };
    assert.deepEqual(Statement[0], {
      Sid: "DescribeSecret",
      Effect: "Allow",
      Action: ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
      Resource: [args.secretArn],
    });
    assert.deepEqual(
      Statement.slice(1).map(({ Sid }) => Sid),
      ["WriteTraces", "DenyNetworkInterfacesToCode"],
    );
    const egress = all.filter(({ type }) => type === "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule");
    assert.deepEqual(
      egress.map(({ inputs }) => inputs.referencedSecurityGroupId),
      ["sg-endpoints"],
    );
  });
});
