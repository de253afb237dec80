import assert from "node:assert/strict";
import { AgeGauge } from "../../../components/observability/age-gauge";
import type { Credentials } from "../../../components/rotation/credential";
import { functionArgs, otherCredential, ownCredential } from "../../support/function-args";
import { register } from "../../support/mocks";

const args = {
  ...functionArgs,
  endpoints: functionArgs.destinations.endpoints,
  deadLetterQueueArn: "arn:aws:sqs:us-east-1:123456789012:dead-letter-queue",
};
const build = (credentials: Credentials = args.credentials) =>
  register(() => new AgeGauge("age-gauge", { ...args, credentials }).functionName);

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

  it("reads after each deployment of other code, so that no day is without a reading, or of another list of users", async () => {
    const { inputsOf, policyOf } = await build([ownCredential, otherCredential]);
    const { input, triggers } = inputsOf("aws:lambda/invocation:Invocation");
    const { code, users } = triggers as Record<string, string>;
    assert.deepEqual([input, users], ["{}", "todo report"]);
    assert.match(code ?? "", /^[0-9a-f]{64}$/);
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy");
    assert.deepEqual(Statement[0]?.Resource, [ownCredential.secretArn, otherCredential.secretArn]);
  });

  it("describes its secret and its versions, and reads no value", async () => {
    const { policyOf, sids } = await build();
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy");
    assert.deepEqual(Statement[0], {
      Sid: "DescribeSecret",
      Effect: "Allow",
      Action: ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
      Resource: [args.secretArn],
    });
    assert.deepEqual(sids().slice(1), ["WriteTraces", "DenyNetworkInterfacesToCode"]);
  });
});
