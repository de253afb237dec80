import assert from "node:assert/strict";
import { opsEndpoint } from "../support/secret-for-ops";

const dayMs = 86_400_000;

describe("ops status", () => {
  const local = opsEndpoint();

  it("shows versions, labels, ages and the next rotation with two calls that read no value", async () => {
    const secret = await local.createRotatedSecret();
    const { AWSCURRENT = "", AWSPREVIOUS = "" } = await secret.labels();
    local.endpoint.server.clearCalls();
    const { exitCode, stdout, stderr } = await secret.ops(["status"]);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      local.endpoint.server.calls.map(({ operation }) => operation),
      ["DescribeSecret", "ListSecretVersionIds"],
    );
    assert.doesNotMatch(stdout + stderr, /example-password/);
    assert.match(stdout, new RegExp(`^secret +${secret.SecretId}$`, "m"));
    assert.match(stdout, /^rotation +on, rate\(30 days\), window 3h$/m);
    assert.match(stdout, /^function +arn:aws:lambda:us-east-1:123456789012:function:example$/m);
    assert.match(stdout, /^last rotation +\d{4}-\d\d-\d\dT[\d:.]+Z \(\d+ s ago\)$/m);
    assert.match(stdout, /^next rotation +by \d{4}-\d\d-\d\dT/m);
    assert.match(stdout, new RegExp(`^version +${AWSCURRENT}  AWSCURRENT, made .* ago\\)$`, "m"));
    assert.match(stdout, new RegExp(`^version +${AWSPREVIOUS}  AWSPREVIOUS, made `, "m"));
    assert.match(stdout, /^Nothing needs attention\.$/m);
  });

  it("says the same in one JSON object", async () => {
    const secret = await local.createStuckSecret(dayMs);
    const { exitCode, stdout } = await secret.ops(["status", "--json"]);
    const json = JSON.parse(stdout) as { arn: string; versions: object[]; findings: { remedy: string }[] };
    assert.equal(exitCode, 7);
    assert.equal(json.arn, secret.SecretId);
    assert.equal(json.versions.length, 2);
    assert.match(json.findings[0]?.remedy ?? "", /npm run ops -- repair --secret-id/);
  });

  it("shows an abandoned candidate, since when, and the command that fixes it", async () => {
    const secret = await local.createStuckSecret(3 * dayMs);
    const { AWSPENDING = "" } = await secret.labels();
    const { exitCode, stdout } = await secret.ops(["status"]);
    assert.equal(exitCode, 7);
    assert.match(stdout, new RegExp(`AWSPENDING has been on version ${AWSPENDING}, .* for 3\\.0 days`));
    const { endpointUrl } = local.endpoint.server;
    assert(stdout.includes(`npm run ops -- repair --secret-id ${secret.SecretId} --endpoint-url ${endpointUrl};`));
  });

  it("does not take a running rotation for a failed one", async () => {
    const secret = await local.createStuckSecret(0);
    const { exitCode, stdout } = await secret.ops(["status"]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /AWSPENDING, made .*, the candidate of a rotation$/m);
  });

  it("shows a rotation that is overdue", async () => {
    local.agoMs = 32 * dayMs;
    const secret = await local.createRotatedSecret();
    const { exitCode, stdout } = await secret.ops(["status"]);
    assert.equal(exitCode, 7);
    assert.match(stdout, /due by \d{4}-.* has not happened\.\n +npm run ops -- rotate --secret-id/);
  });

  it("shows a rotation that is off, and a secret without a value", async () => {
    const { ARN = "" } = await local.endpoint.client.createSecret({ Name: "test/empty" });
    const { exitCode, stdout } = await local.secretForOps(ARN).ops(["status"]);
    assert.equal(exitCode, 7);
    assert.match(stdout, /^rotation +off$/m);
    assert.match(stdout, /No version is AWSCURRENT/);
    assert.match(stdout, /Automatic rotation is off/);
  });

  it("shows until when a deleted secret can be restored, and how", async () => {
    const secret = await local.createRotatedSecret();
    await local.endpoint.client.deleteSecret({ SecretId: secret.SecretId });
    const { exitCode, stdout } = await secret.ops(["status"]);
    assert.equal(exitCode, 7);
    assert.match(stdout, /scheduled for deletion: \d{4}-/);
    assert(stdout.includes(`aws secretsmanager restore-secret --secret-id ${secret.SecretId}`));
  });
});
