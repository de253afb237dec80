import assert from "node:assert/strict";
import { opsEndpoint, type SecretForOps } from "../support/secret-for-ops";
import { until } from "../support/until";

const hourMs = 3_600_000;

describe("ops repair", () => {
  const local = opsEndpoint();

  async function assertUnchanged(secret: SecretForOps, run: () => Promise<void>): Promise<void> {
    const before = await secret.labels();
    await run();
    assert.deepEqual(await secret.labels(), before);
  }

  it("removes AWSPENDING from the abandoned candidate, after which a rotation succeeds", async () => {
    const secret = await local.createStuckSecret(hourMs);
    const { AWSCURRENT, AWSPENDING } = await secret.labels();
    local.endpoint.server.clearCalls();
    const { exitCode, stdout, stderr } = await secret.ops(["repair", "--yes"]);
    assert.equal(exitCode, 0, stderr);
    const operations = local.endpoint.server.calls.map(({ operation }) => operation);
    assert(stderr.startsWith(`AWSCURRENT is version ${AWSCURRENT}: what applications read. It stays as it is.\n`));
    assert(stderr.includes(`AWSPENDING is version ${AWSPENDING}: the candidate of a rotation that began 60 min ago`));
    assert.match(stdout, new RegExp(`^AWSCURRENT ${AWSCURRENT}\nRemoved\\. npm run ops -- rotate`));
    assert.deepEqual(await secret.labels(), { AWSCURRENT });
    assert.deepEqual(operations, ["ListSecretVersionIds", "UpdateSecretVersionStage", "ListSecretVersionIds"]);
    assert.equal((await secret.ops(["rotate"])).exitCode, 0);
  });

  it("can be undone with the command that it shows", async () => {
    const secret = await local.createStuckSecret(hourMs);
    await assertUnchanged(secret, async () => {
      const { stderr } = await secret.ops(["repair", "--yes"]);
      const [, MoveToVersionId] = /--version-stage AWSPENDING --move-to-version-id (\S+)/.exec(stderr) ?? [];
      const label = { SecretId: secret.SecretId, VersionStage: "AWSPENDING", MoveToVersionId };
      await local.endpoint.client.updateSecretVersionStage(label);
    });
  });

  it("says in JSON what it removed, and what remains", async () => {
    const secret = await local.createStuckSecret(hourMs);
    const { AWSCURRENT, AWSPENDING } = await secret.labels();
    const { stdout } = await secret.ops(["repair", "--yes", "--json"]);
    assert.deepEqual(JSON.parse(stdout), { removedFrom: AWSPENDING, labels: { AWSCURRENT } });
  });

  it("changes nothing without confirmation when it cannot ask", async () => {
    const secret = await local.createStuckSecret(hourMs);
    await assertUnchanged(secret, async () => {
      const { exitCode, stderr } = await secret.ops(["repair"]);
      assert.equal(exitCode, 5);
      assert.match(stderr, /Remove AWSPENDING from version .*\? Nobody can answer: .*\nGive --yes/);
    });
  });

  it("changes nothing if no candidate is left behind", async () => {
    const secret = await local.createRotatedSecret();
    await assertUnchanged(secret, async () => {
      const { exitCode, stdout } = await secret.ops(["repair", "--yes"]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /Nothing is stuck; nothing was changed\.\n$/);
    });
  });

  it("leaves AWSPENDING unchanged on AWSCURRENT's version", async () => {
    local.agoMs = hourMs;
    const secret = await local.createRotatedSecret();
    const { AWSCURRENT } = await secret.labels();
    const label = { SecretId: secret.SecretId, VersionStage: "AWSPENDING", MoveToVersionId: AWSCURRENT };
    await local.endpoint.client.updateSecretVersionStage(label);
    await assertUnchanged(secret, async () => {
      const { exitCode, stdout } = await secret.ops(["repair", "--yes"]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /Nothing is stuck/);
    });
  });

  it("changes nothing without an AWSCURRENT, because the candidate may be the only credential", async () => {
    local.agoMs = hourMs;
    const { ARN = "" } = await local.endpoint.client.createSecret({ Name: "test/only-pending" });
    const secret = local.secretForOps(ARN);
    await local.endpoint.client.rotateSecret({ SecretId: ARN, RotationLambdaARN: local.failingFunction().arn });
    await secret.whenRotated();
    local.agoMs = 0;
    await assertUnchanged(secret, async () => {
      const { exitCode, stderr } = await secret.ops(["repair", "--yes"]);
      assert.equal(exitCode, 5);
      assert.match(stderr, /No version is AWSCURRENT.*Nothing was changed\.\ndocs\/runbook\.md#recover/);
    });
  });

  it("does not touch a running rotation, and waits to see it end", async () => {
    const { secret, goOn } = await local.createHeldSecret();
    await local.endpoint.client.rotateSecret({ SecretId: secret.SecretId });
    const { AWSPENDING } = await secret.labels();
    const { exitCode, stdout, stderr } = await secret.ops(["repair", "--yes"], {
      onProgress(progress) {
        if (progress.includes("may be under way; waiting")) goOn();
      },
    });
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /Nothing is stuck/);
    assert.equal((await secret.labels()).AWSCURRENT, AWSPENDING);
  });

  it("changes nothing when Ctrl-C ends the wait", async () => {
    const secret = await local.createStuckSecret(0);
    await assertUnchanged(secret, async () => {
      const { exitCode, stderr } = await secret.ops(["repair", "--yes"], {
        onProgress(progress, interrupt) {
          if (/waiting until .*\n$/.test(progress)) interrupt();
        },
      });
      assert.equal(exitCode, 130);
      assert.match(stderr, /Interrupted\. Nothing was changed\./);
    });
  });

  it("removes no label that has moved to another version meanwhile", async () => {
    const secret = await local.createStuckSecret(hourMs);
    const { AWSPENDING } = await secret.labels();
    const { client, server } = local.endpoint;
    server.clearCalls();
    server.inject({ operation: "UpdateSecretVersionStage", times: 1, delayMs: 500 });
    const token = "example-token-of-another-version-1";
    const running = secret.ops(["repair", "--yes"]);
    await until(() => server.calls.some(({ operation }) => operation === "UpdateSecretVersionStage"));
    const version = { ClientRequestToken: token, VersionStages: ["AWSPENDING"], SecretString: "example-password-3" };
    await client.putSecretValue({ SecretId: secret.SecretId, ...version });
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 5);
    assert(stderr.includes(`AWSPENDING is not attached to version ${AWSPENDING}`), stderr);
    assert.equal((await secret.labels()).AWSPENDING, token);
  });
});
