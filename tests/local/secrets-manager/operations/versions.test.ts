import type { UpdateSecretVersionStageRequest } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { secretsManagerForTests } from "../../../support/secrets-manager";

/* Which moves are allowed, and where the labels are after them: tests/generated/endpoint-model.test.ts. */

describe("versions", () => {
  const sm = secretsManagerForTests();

  describe("UpdateSecretVersionStage", () => {
    for (const [why, request, message] of [
      [
        "a label attached elsewhere without RemoveFromVersionId",
        (_current, pending) => ({ VersionStage: "AWSCURRENT", MoveToVersionId: pending }),
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version <current>, so you must explicitly reference that version in RemoveFromVersionId.",
      ],
      [
        "a RemoveFromVersionId that does not hold the label",
        (_current, pending) => ({ VersionStage: "AWSCURRENT", RemoveFromVersionId: pending }),
        "Staging label AWSCURRENT is not attached to version <pending>.",
      ],
      [
        "the removal of AWSCURRENT",
        (current) => ({ VersionStage: "AWSCURRENT", RemoveFromVersionId: current }),
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      ],
      ["no version", () => ({ VersionStage: "blue" }), "You must provide MoveToVersionId or RemoveFromVersionId."],
    ] satisfies [
      string,
      (current: string, pending: string) => Omit<UpdateSecretVersionStageRequest, "SecretId">,
      string,
    ][]) {
      it(`refuses ${why}, with AWS's message`, async () => {
        const { SecretId, versionId: current } = await sm.createSecret();
        const put = { SecretId, SecretString: "2", VersionStages: ["AWSPENDING"] };
        const { VersionId: pending = "" } = await sm.client.putSecretValue(put);
        await assert.rejects(sm.client.updateSecretVersionStage({ SecretId, ...request(current, pending) }), {
          name: "InvalidParameterException",
          message: message.replace("<current>", current).replace("<pending>", pending),
        });
      });
    }

    it("refuses a 21st label with LimitExceededException", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const attach = (VersionStage: string) =>
        sm.client.updateSecretVersionStage({ SecretId, VersionStage, MoveToVersionId: versionId });
      for (let label = 2; label <= 20; label++) await attach(`label-${label}`);
      await assert.rejects(attach("label-21"), { name: "LimitExceededException" });
    });
  });

  it("are kept without a label up to 100 of them, and the oldest beyond are pruned", async () => {
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
