import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { secretsManagerForTests } from "../../../support/secrets-manager";

describe("versions", () => {
  const sm = secretsManagerForTests();

  /** A secret whose second version holds AWSPENDING, as before finishSecret. */
  async function createWithPending() {
    const { SecretId, versionId: current } = await sm.createSecret();
    const put = { SecretId, SecretString: "2", VersionStages: ["AWSPENDING"] };
    const { VersionId: pending = "" } = await sm.client.putSecretValue(put);
    return { SecretId, current, pending };
  }

  async function stages(SecretId: string) {
    return (await sm.client.describeSecret({ SecretId })).VersionIdsToStages;
  }

  describe("UpdateSecretVersionStage", () => {
    it("moving AWSCURRENT moves AWSPREVIOUS, and the version holds AWSCURRENT and AWSPENDING", async () => {
      const { SecretId, current, pending } = await createWithPending();
      await sm.client.updateSecretVersionStage({
        SecretId,
        VersionStage: "AWSCURRENT",
        MoveToVersionId: pending,
        RemoveFromVersionId: current,
      });
      assert.deepEqual(await stages(SecretId), {
        [current]: ["AWSPREVIOUS"],
        [pending]: ["AWSCURRENT", "AWSPENDING"],
      });
    });

    it("rolling AWSCURRENT back to AWSPREVIOUS swaps the two", async () => {
      const { SecretId, versionId: first } = await sm.createSecret();
      const { VersionId: second = "" } = await sm.client.putSecretValue({ SecretId, SecretString: "2" });
      await sm.client.updateSecretVersionStage({
        SecretId,
        VersionStage: "AWSCURRENT",
        MoveToVersionId: first,
        RemoveFromVersionId: second,
      });
      assert.deepEqual(await stages(SecretId), { [first]: ["AWSCURRENT"], [second]: ["AWSPREVIOUS"] });
    });

    it("of a label attached elsewhere without RemoveFromVersionId answers InvalidParameterException", async () => {
      const { SecretId, current, pending } = await createWithPending();
      const move = { SecretId, VersionStage: "AWSCURRENT", MoveToVersionId: pending };
      await assert.rejects(sm.client.updateSecretVersionStage(move), {
        name: "InvalidParameterException",
        message: `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${current}, so you must explicitly reference that version in RemoveFromVersionId.`,
      });
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSCURRENT"], [pending]: ["AWSPENDING"] });
    });

    it("with a RemoveFromVersionId that does not hold the label answers InvalidParameterException", async () => {
      const { SecretId, current, pending } = await createWithPending();
      for (const change of [{ MoveToVersionId: pending }, {}]) {
        const request = { SecretId, VersionStage: "AWSCURRENT", RemoveFromVersionId: pending, ...change };
        await assert.rejects(sm.client.updateSecretVersionStage(request), {
          name: "InvalidParameterException",
          message: `Staging label AWSCURRENT is not attached to version ${pending}.`,
        });
      }
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSCURRENT"], [pending]: ["AWSPENDING"] });
    });

    it("without MoveToVersionId removes the label", async () => {
      const { SecretId, current, pending } = await createWithPending();
      const remove = { SecretId, VersionStage: "AWSPENDING", RemoveFromVersionId: pending };
      await sm.client.updateSecretVersionStage(remove);
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSCURRENT"] });
    });

    it("refuses to remove AWSCURRENT completely", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const remove = { SecretId, VersionStage: "AWSCURRENT", RemoveFromVersionId: versionId };
      await assert.rejects(sm.client.updateSecretVersionStage(remove), { name: "InvalidParameterException" });
    });

    it("attaches a label that no version holds without RemoveFromVersionId", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      await sm.client.updateSecretVersionStage({ SecretId, VersionStage: "blue", MoveToVersionId: versionId });
      assert.deepEqual(await stages(SecretId), { [versionId]: ["AWSCURRENT", "blue"] });
    });

    it("refuses a 21st label with LimitExceededException", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const attach = (VersionStage: string) =>
        sm.client.updateSecretVersionStage({ SecretId, VersionStage, MoveToVersionId: versionId });
      for (let label = 2; label <= 20; label++) await attach(`label-${label}`);
      await assert.rejects(attach("label-21"), { name: "LimitExceededException" });
    });

    it("of an unknown version answers ResourceNotFoundException, and of none InvalidParameterException", async () => {
      const { SecretId } = await sm.createSecret();
      const label = { SecretId, VersionStage: "blue" };
      await assert.rejects(sm.client.updateSecretVersionStage({ ...label, MoveToVersionId: randomUUID() }), {
        name: "ResourceNotFoundException",
      });
      await assert.rejects(sm.client.updateSecretVersionStage(label), { name: "InvalidParameterException" });
    });
  });

  describe("ListSecretVersionIds", () => {
    it("lists labelled versions, and those without a label only with IncludeDeprecated", async () => {
      const { SecretId, versionId: first } = await sm.createSecret();
      const { VersionId: second = "" } = await sm.client.putSecretValue({ SecretId, SecretString: "2" });
      const { VersionId: third = "" } = await sm.client.putSecretValue({ SecretId, SecretString: "3" });
      const { Versions = [] } = await sm.client.listSecretVersionIds({ SecretId });
      assert.deepEqual(
        Versions.map(({ VersionId, VersionStages }) => [VersionId, VersionStages]),
        [
          [second, ["AWSPREVIOUS"]],
          [third, ["AWSCURRENT"]],
        ],
      );
      const all = await sm.client.listSecretVersionIds({ SecretId, IncludeDeprecated: true });
      assert.deepEqual(
        all.Versions?.map(({ VersionId }) => VersionId),
        [first, second, third],
      );
    });

    it("keeps 100 versions without a label, and prunes the oldest beyond them", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const pinned = { SecretId, VersionStage: "pinned", MoveToVersionId: versionId };
      await sm.client.updateSecretVersionStage(pinned);
      const put = async () => (await sm.client.putSecretValue({ SecretId, SecretString: "text" })).VersionId;
      const second = await put();
      for (let version = 3; version <= 103; version++) await put(); // labelled: the first, the last two
      assert.equal((await sm.client.getSecretValue({ SecretId, VersionId: second })).VersionId, second);
      await put();
      await assert.rejects(sm.client.getSecretValue({ SecretId, VersionId: second }), {
        name: "ResourceNotFoundException",
      });
      assert.equal((await sm.client.getSecretValue({ SecretId, VersionId: versionId })).VersionId, versionId);
    });
  });
});
