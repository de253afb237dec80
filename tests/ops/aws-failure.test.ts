import assert from "node:assert/strict";
import { failureOf } from "../../ops/aws-failure";
import { Failure } from "../../ops/failure";
import { runOps } from "../support/ops";
import { opsEndpoint } from "../support/secret-for-ops";

const arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:example-a1B2c3";

describe("what ops says about AWS's refusals", () => {
  const local = opsEndpoint();

  it("names a secret that does not exist, and how to list the existing ones", async () => {
    const { exitCode, stderr } = await local.secretForOps("no/such/secret").ops(["status"]);
    assert.equal(exitCode, 3);
    assert.match(
      stderr,
      /^DescribeSecret of no\/such\/secret: ResourceNotFoundException: .*\nCheck the name and the region/,
    );
  });

  for (const command of ["status", "rotate", "watch", "repair"]) {
    it(`names the action that is not allowed (${command})`, async () => {
      const secret = await local.createStuckSecret(3_600_000);
      local.endpoint.server.inject({ error: "AccessDeniedException" });
      const { exitCode, stderr } = await secret.ops([command, "--yes"]);
      local.endpoint.server.clearFaults();
      assert.equal(exitCode, 4);
      assert.match(
        stderr,
        /^(DescribeSecret|ListSecretVersionIds) of .*: AccessDeniedException: .*\n.*runbook\.md#permissions/,
      );
    });
  }

  for (const [what, args, expected, message] of [
    [
      "there are no credentials, and sends AWS nothing",
      [arn],
      4,
      /CredentialsProviderError: .*\nLog in \(`aws sso login`\), or set AWS_PROFILE/,
    ],
    ["no region is set", ["example"], 2, /no region is set\.\nGive --region/],
    [
      "the region is not the ARN's",
      [arn, "--region", "eu-west-1"],
      2,
      /received eu-west-1, accepted is us-east-1, the region in the secret's ARN\.\nLeave --region out/,
    ],
    [
      "nothing answers",
      [arn, "--endpoint-url", "http://127.0.0.1:1"],
      3,
      /ECONNREFUSED.*\nCheck --region, --endpoint-url and the network/,
    ],
  ] as const) {
    it(`says that ${what}`, async () => {
      const { exitCode, stderr } = await runOps(["status", "--secret-id", ...args]);
      assert.equal(exitCode, expected);
      assert.match(stderr, message);
    });
  }

  it("calls unknown errors unexpected, and keeps the message", () => {
    const failure = failureOf(new RangeError("of the test"), "DescribeSecret of example");
    assert.deepEqual([failure.exitCode, failure.message], [1, "DescribeSecret of example: RangeError: of the test"]);
  });

  it("leaves a failure unchanged", () => {
    const failure = new Failure(6, "message", "remedy");
    assert.equal(failureOf(failure, "what"), failure);
  });
});
