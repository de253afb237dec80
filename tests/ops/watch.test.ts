import assert from "node:assert/strict";
import { opsEndpoint } from "../support/secret-for-ops";

describe("ops watch", () => {
  const local = opsEndpoint();

  it("follows the running rotation to its end", async () => {
    const { secret, goOn } = await local.createHeldSecret();
    const before = await secret.labels();
    await local.endpoint.client.rotateSecret({ SecretId: secret.SecretId });
    const { AWSPENDING } = await secret.labels();
    const { exitCode, stdout, stderr } = await secret.ops(["watch"], {
      onProgress(progress) {
        if (progress.includes("is under way")) goOn();
      },
    });
    assert.equal(exitCode, 0, stderr);
    assert(stderr.includes(`a rotation to version ${AWSPENDING} is under way\n`));
    assert.equal(stdout, `Version ${AWSPENDING} is AWSCURRENT.\n`);
    assert.equal((await secret.labels()).AWSPREVIOUS, before.AWSCURRENT);
  });

  it("waits for a rotation if none is running, and changes nothing itself", async () => {
    const secret = await local.createRotatedSecret();
    const { client, server } = local.endpoint;
    server.clearCalls();
    let rotated: Promise<unknown> | undefined;
    const { exitCode, stdout, stderr } = await secret.ops(["watch"], {
      onProgress(progress) {
        if (progress.includes("waiting for one")) rotated ??= client.rotateSecret({ SecretId: secret.SecretId });
      },
    });
    await rotated;
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout, `Version ${(await secret.labels()).AWSCURRENT} is AWSCURRENT.\n`);
    const changes = server.calls.filter(({ operation }) => operation === "RotateSecret");
    assert.equal(changes.length, 1, "the test's own");
  });

  it("fails when no rotation begins in time", async () => {
    const secret = await local.createRotatedSecret();
    const { exitCode, stderr } = await secret.ops(["watch", "--timeout", "1"]);
    assert.equal(exitCode, 6);
    assert.match(stderr, /No rotation began within 1 s\.\nnpm run ops -- rotate --secret-id/);
  });

  it("fails when the running rotation does not end in time", async () => {
    const secret = await local.createStuckSecret(0);
    const { exitCode, stderr } = await secret.ops(["watch", "--timeout", "1"]);
    assert.equal(exitCode, 6);
    assert.match(stderr, /is still AWSPENDING after 1 s/);
  });

  it("ends on Ctrl-C", async () => {
    const secret = await local.createRotatedSecret();
    const { exitCode, stderr } = await secret.ops(["watch"], {
      onProgress(progress, interrupt) {
        if (/waiting for one.*\n$/.test(progress)) interrupt();
      },
    });
    assert.equal(exitCode, 130);
    assert.match(stderr, /Interrupted\. No rotation was under way\./);
  });
});
