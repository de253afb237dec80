import assert from "node:assert/strict";
import type { LocalFunction } from "../../../../local/lambda";
import { secretsManagerForTests } from "../../../support/secrets-manager";

const dayMs = 86_400_000;

describe("secrets", () => {
  let nowMs = Date.parse("2026-11-22T10:30:00Z");
  const sm = secretsManagerForTests({ now: () => new Date(nowMs) });

  describe("DescribeSecret", () => {
    it("omits unset fields", async () => {
      const { SecretId, name, versionId } = await sm.createSecret();
      const { $metadata, ...first } = await sm.client.describeSecret({ SecretId });
      assert.equal($metadata.httpStatusCode, 200);
      assert.deepEqual(first, {
        ARN: SecretId,
        Name: name,
        CreatedDate: new Date(nowMs),
        LastChangedDate: new Date(nowMs),
        VersionIdsToStages: { [versionId]: ["AWSCURRENT"] },
      });
    });

    it("returns the day of the last access", async () => {
      const { SecretId } = await sm.createSecret();
      await sm.client.getSecretValue({ SecretId });
      const { LastAccessedDate } = await sm.client.describeSecret({ SecretId });
      assert.deepEqual(LastAccessedDate, new Date("2026-11-22T00:00:00Z"));
    });
  });

  describe("NextRotationDate", () => {
    const fn: LocalFunction = {
      name: "rotate",
      arn: "arn:aws:lambda:us-east-1:123456789012:function:rotate",
      logs: [],
      invoke: () => Promise.resolve({ payload: null }),
      stop: () => Promise.resolve(),
    };
    const rotate = {
      RotationLambdaARN: fn.arn,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediately: false,
    };

    /** In days from now, to the end of the day. */
    async function daysUntilRotation(SecretId: string): Promise<number | undefined> {
      const { NextRotationDate } = await sm.client.describeSecret({ SecretId });
      return NextRotationDate && Math.floor(NextRotationDate.getTime() / dayMs) - Math.floor(nowMs / dayMs);
    }

    it("counts from the day on which the schedule was set, or from a later value", async () => {
      sm.server.registerFunction(fn);
      const { SecretId } = await sm.createSecret();
      nowMs += 100 * dayMs;
      await sm.client.rotateSecret({ SecretId, ...rotate });
      assert.equal(await daysUntilRotation(SecretId), 30);
      nowMs += 10 * dayMs;
      assert.equal(await daysUntilRotation(SecretId), 20);
      await sm.client.putSecretValue({ SecretId, SecretString: "by hand" });
      assert.equal(await daysUntilRotation(SecretId), 30);
    });

    it("does not exist after rotation is cancelled", async () => {
      sm.server.registerFunction(fn);
      const { SecretId } = await sm.createSecret();
      await sm.client.rotateSecret({ SecretId, ...rotate });
      await sm.client.cancelRotateSecret({ SecretId });
      const { RotationEnabled, NextRotationDate } = await sm.client.describeSecret({ SecretId });
      assert.deepEqual([RotationEnabled, NextRotationDate], [false, undefined]);
    });
  });

  describe("DeleteSecret", () => {
    it("leaves a secret that can be described but not used, until its recovery window ends", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const { DeletionDate } = await sm.client.deleteSecret({ SecretId, RecoveryWindowInDays: 7 });
      assert.deepEqual(DeletionDate, new Date(nowMs + 7 * dayMs));
      assert.deepEqual((await sm.client.describeSecret({ SecretId })).DeletedDate, DeletionDate);
      const marked = {
        name: "InvalidRequestException",
        message: "You can't perform this operation on the secret because it was marked for deletion.",
      };
      const stage = { SecretId, VersionStage: "blue", MoveToVersionId: versionId };
      await assert.rejects(sm.client.getSecretValue({ SecretId }), marked);
      await assert.rejects(sm.client.putSecretValue({ SecretId, SecretString: "2" }), marked);
      await assert.rejects(sm.client.updateSecretVersionStage(stage), marked);
      await assert.rejects(sm.client.rotateSecret({ SecretId }), marked);
      await assert.rejects(sm.client.cancelRotateSecret({ SecretId }), marked);
      nowMs += 7 * dayMs;
      await assert.rejects(sm.client.describeSecret({ SecretId }), { name: "ResourceNotFoundException" });
    });

    it("has a recovery window of 30 days by default, and only of 7 to 30", async () => {
      const { SecretId } = await sm.createSecret();
      for (const RecoveryWindowInDays of [6, 31]) {
        await assert.rejects(sm.client.deleteSecret({ SecretId, RecoveryWindowInDays }), {
          name: "InvalidParameterException",
        });
      }
      const { DeletionDate } = await sm.client.deleteSecret({ SecretId });
      assert.deepEqual(DeletionDate, new Date(nowMs + 30 * dayMs));
    });

    it("of a secret that is marked deleted answers InvalidRequestException", async () => {
      const { SecretId } = await sm.createSecret();
      await sm.client.deleteSecret({ SecretId });
      await assert.rejects(sm.client.deleteSecret({ SecretId }), {
        name: "InvalidRequestException",
        message: "You tried to perform the operation on a secret that's currently marked deleted.",
      });
    });

    it("keeps the name until the window ends; with force, it frees the name immediately and may be repeated", async () => {
      const { SecretId, name } = await sm.createSecret();
      await sm.client.deleteSecret({ SecretId });
      await assert.rejects(sm.client.createSecret({ Name: name }), { name: "InvalidRequestException" });
      await sm.client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
      await sm.client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true });
      await assert.rejects(sm.client.describeSecret({ SecretId }), { name: "ResourceNotFoundException" });
      assert.equal((await sm.client.createSecret({ Name: name })).Name, name);
    });

    it("refuses a recovery window together with ForceDeleteWithoutRecovery", async () => {
      const { SecretId } = await sm.createSecret();
      const request = { SecretId, RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true };
      await assert.rejects(sm.client.deleteSecret(request), { name: "InvalidParameterException" });
    });
  });

  it("RestoreSecret makes a deleted secret readable again", async () => {
    const { SecretId } = await sm.createSecret("text");
    await sm.client.deleteSecret({ SecretId });
    await sm.client.restoreSecret({ SecretId });
    assert.equal((await sm.client.getSecretValue({ SecretId })).SecretString, "text");
    assert.equal((await sm.client.describeSecret({ SecretId })).DeletedDate, undefined);
  });
});
