import assert from "node:assert/strict";
import { runOpsProcess } from "../support/ops";
import { opsEndpoint } from "../support/secret-for-ops";
import { until } from "../support/until";

describe("ops rotate", () => {
  const local = opsEndpoint();

  it("rotates, shows the version ids before and after, and keeps the schedule", async () => {
    const secret = await local.createRotatedSecret();
    const before = await secret.labels();
    local.endpoint.server.clearCalls();
    const { exitCode, stdout, stderr } = await secret.ops(["rotate"]);
    assert.equal(exitCode, 0, stderr);
    const after = await secret.labels();
    assert.notEqual(after.AWSCURRENT, before.AWSCURRENT);
    assert.equal(after.AWSPREVIOUS, before.AWSCURRENT);
    const lines = stderr.split("\n");
    assert.equal(lines[0], `before  AWSCURRENT ${before.AWSCURRENT}, AWSPREVIOUS ${before.AWSPREVIOUS}`);
    assert.equal(lines[1], `started the rotation to version ${after.AWSCURRENT}`);
    assert.match(
      lines[2] ?? "",
      new RegExp(`^after   AWSCURRENT ${after.AWSCURRENT}, .*AWSPREVIOUS ${before.AWSCURRENT}$`),
    );
    assert.match(stdout, /^Rotated in [\d.]+ s\.\n$/);
    assert.doesNotMatch(stdout + stderr, /example-password/);
    assert(!local.endpoint.server.calls.some(({ operation }) => operation === "GetSecretValue"));
    const { RotationRules } = await local.endpoint.client.describeSecret({ SecretId: secret.SecretId });
    assert.deepEqual(RotationRules, {
      AutomaticallyAfterDays: 30,
      Duration: "3h",
      ScheduleExpression: "rate(30 days)",
    });
  });

  it("answers with one JSON object", async () => {
    const secret = await local.createRotatedSecret();
    const before = await secret.labels();
    const { stdout } = await secret.ops(["rotate", "--json"]);
    const json = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(json.secretArn, secret.SecretId);
    assert.deepEqual(json.before, before);
    assert.equal((json.after as Record<string, string>).AWSCURRENT, json.versionId);
  });

  it("is refused during a rotation, and says what follows or clears it", async () => {
    const secret = await local.createStuckSecret(0);
    const before = await secret.labels();
    const { exitCode, stderr } = await secret.ops(["rotate"]);
    assert.equal(exitCode, 5);
    assert(stderr.startsWith(`A rotation to version ${before.AWSPENDING} is under way, or failed`));
    assert.match(stderr, /ops -- watch .* follows it; npm run ops -- repair .* clears/);
    assert.deepEqual(await secret.labels(), before);
  });

  it("says the same when another rotation begins between its check of the secret and its request", async () => {
    const secret = await local.createRotatedSecret(() => new Promise(() => undefined));
    const { client, server } = local.endpoint;
    // The other rotation begins while the request of this one is delayed.
    server.inject({ operation: "RotateSecret", times: 1, delayMs: 1_000 });
    let other: Promise<unknown> | undefined;
    const { exitCode, stderr } = await secret.ops(["rotate"], {
      onProgress() {
        other ??= sleepUntil("RotateSecret").then(() => client.rotateSecret({ SecretId: secret.SecretId }));
      },
    });
    await other;
    assert.equal(exitCode, 5, stderr);
    assert.match(stderr, /previous rotation isn't complete.*\nnpm run ops -- watch .* follows it/);
  });

  it("is refused for a secret without rotation", async () => {
    const { SecretId } = await local.endpoint.createSecret();
    const { exitCode, stderr } = await local.secretForOps(SecretId).ops(["rotate"]);
    assert.equal(exitCode, 5);
    assert.match(stderr, /has no rotation, or it was switched off\.\n`pulumi up` sets it up/);
  });

  it("is refused if rotation was switched off, because RotateSecret would switch it on again", async () => {
    const secret = await local.createRotatedSecret();
    await local.endpoint.client.cancelRotateSecret({ SecretId: secret.SecretId });
    const before = await secret.labels();
    assert.equal((await secret.ops(["rotate"])).exitCode, 5);
    assert.deepEqual(await secret.labels(), before);
  });

  it("is refused for a deleted secret", async () => {
    const secret = await local.createRotatedSecret();
    await local.endpoint.client.deleteSecret({ SecretId: secret.SecretId });
    const { exitCode, stderr } = await secret.ops(["rotate"]);
    assert.equal(exitCode, 5);
    assert.match(stderr, /scheduled for deletion: \d{4}-.*\naws secretsmanager restore-secret/);
  });

  it("fails when the rotation does not end in time, and says where the reason is logged", async () => {
    const secret = await local.createRotatedSecret(() => Promise.reject(new Error("never")));
    const before = await secret.labels();
    const { exitCode, stderr } = await secret.ops(["rotate", "--timeout", "1"]);
    assert.equal(exitCode, 6);
    assert.match(stderr, /Version [\w-]+ is still AWSPENDING after 1 s: the rotation failed/);
    assert.match(stderr, /Why: aws logs tail --region us-east-1 --since 15m .*--function-name example /);
    assert.equal((await secret.labels()).AWSCURRENT, before.AWSCURRENT);
  });

  it("fails when the rotation is given up meanwhile", async () => {
    const secret = await local.createRotatedSecret((step) =>
      step === "setSecret" ? new Promise(() => undefined) : Promise.resolve(),
    );
    const { client } = local.endpoint;
    let removed: Promise<unknown> | undefined;
    const { exitCode, stderr } = await secret.ops(["rotate"], {
      onProgress(progress) {
        const [, versionId] = /started the rotation to version (\S+)/.exec(progress) ?? [];
        if (versionId === undefined || removed) return;
        const label = { SecretId: secret.SecretId, VersionStage: "AWSPENDING", RemoveFromVersionId: versionId };
        // Only after the label has been seen: a label never seen may be one that the store does not return yet.
        removed = sleepUntil("DescribeSecret", 2).then(() => client.updateSecretVersionStage(label));
      },
    });
    await removed;
    assert.equal(exitCode, 6);
    assert.match(stderr, /lost AWSPENDING before it became AWSCURRENT/);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`leaves the rotation to AWS on ${signal}, and says how to follow it`, async () => {
      const { secret, goOn } = await local.createHeldSecret();
      const before = await secret.labels();
      const args = ["rotate", "--secret-id", secret.SecretId, "--endpoint-url", local.endpoint.server.endpointUrl];
      const after = /started the rotation to version \S+\n$/;
      const { exitCode, stderr } = await runOpsProcess(args, { signal, after });
      assert.equal(exitCode, 130);
      assert.match(
        stderr,
        /Interrupted\. The rotation to version [\w-]+ continues in AWS\.\nnpm run ops -- watch --secret-id/,
      );
      goOn();
      await secret.whenRotated();
      assert.equal((await secret.labels()).AWSPREVIOUS, before.AWSCURRENT);
    });
  }

  /** Waits for this many calls of the operation, from now on. */
  async function sleepUntil(operation: string, times = 1): Promise<void> {
    const calls = () => local.endpoint.server.calls.filter((call) => call.operation === operation).length;
    const start = calls();
    await until(() => calls() >= start + times);
  }
});
