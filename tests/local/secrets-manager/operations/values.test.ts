import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { secretsManagerForTests } from "../../../support/secrets-manager";

describe("values", () => {
  const sm = secretsManagerForTests();

  describe("CreateSecret", () => {
    it("creates a secret whose ARN ends in its name and six random characters", async () => {
      const name = `app/${randomUUID()}`;
      const { ARN, Name } = await sm.client.createSecret({ Name: name });
      assert.equal(Name, name);
      assert.match(
        ARN ?? "",
        new RegExp(`^arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-[A-Za-z0-9]{6}$`),
      );
    });

    it("repeated with the same token and value answers as before", async () => {
      const request = { Name: randomUUID(), SecretString: "text", ClientRequestToken: randomUUID() };
      const { ARN } = await sm.client.createSecret(request);
      assert.equal((await sm.client.createSecret(request)).ARN, ARN);
      await assert.rejects(sm.client.createSecret({ ...request, SecretString: "other" }), {
        name: "ResourceExistsException",
      });
    });
  });

  describe("GetSecretValue", () => {
    it("finds a secret by its name, its ARN, and its ARN without the six random characters, and by nothing else", async () => {
      const { SecretId, name } = await sm.createSecret();
      for (const id of [name, SecretId, SecretId.slice(0, -"-AbCdEf".length)]) {
        assert.equal((await sm.client.getSecretValue({ SecretId: id })).ARN, SecretId);
      }
      for (const id of [`${SecretId}x`, SecretId.slice(0, -1)]) {
        await assert.rejects(sm.client.getSecretValue({ SecretId: id }), { name: "ResourceNotFoundException" });
      }
    });

    it("reads a version by its id, by its label, and by both", async () => {
      const { SecretId, versionId } = await sm.createSecret("old");
      await sm.client.putSecretValue({ SecretId, SecretString: "new" });
      const read = { SecretId, VersionId: versionId };
      assert.equal((await sm.client.getSecretValue(read)).SecretString, "old");
      assert.equal((await sm.client.getSecretValue({ SecretId, VersionStage: "AWSPREVIOUS" })).SecretString, "old");
      assert.equal((await sm.client.getSecretValue({ ...read, VersionStage: "AWSPREVIOUS" })).SecretString, "old");
      assert.equal((await sm.client.getSecretValue({ SecretId })).SecretString, "new");
    });
  });

  describe("PutSecretValue", () => {
    it("with the same token and the same text as bytes answers ResourceExistsException", async () => {
      const { SecretId, versionId } = await sm.createSecret("text");
      const put = { SecretId, ClientRequestToken: versionId, SecretBinary: Buffer.from("text") };
      await assert.rejects(sm.client.putSecretValue(put), { name: "ResourceExistsException" });
      assert.equal((await sm.client.getSecretValue({ SecretId })).SecretString, "text");
    });

    it("keeps bytes as bytes", async () => {
      const { SecretId } = await sm.createSecret();
      const bytes = Uint8Array.of(0, 1, 254, 255);
      await sm.client.putSecretValue({ SecretId, SecretBinary: bytes });
      const { SecretBinary, SecretString } = await sm.client.getSecretValue({ SecretId });
      assert.deepEqual(Uint8Array.from(SecretBinary ?? []), bytes);
      assert.equal(SecretString, undefined);
    });

    it("without a value answers InvalidRequestException, and with both kinds InvalidParameterException", async () => {
      const { SecretId } = await sm.createSecret();
      await assert.rejects(sm.client.putSecretValue({ SecretId }), { name: "InvalidRequestException" });
      const both = { SecretId, SecretString: "text", SecretBinary: Buffer.from("text") };
      await assert.rejects(sm.client.putSecretValue(both), { name: "InvalidParameterException" });
    });

    it("accepts a value of 65,536 bytes and refuses one more", async () => {
      const { SecretId } = await sm.createSecret();
      const longest = "é".repeat(32_768); // two bytes each
      await sm.client.putSecretValue({ SecretId, SecretString: longest });
      await sm.client.putSecretValue({ SecretId, SecretBinary: Buffer.from(longest) });
      await assert.rejects(sm.client.putSecretValue({ SecretId, SecretString: `${longest}!` }), {
        name: "InvalidParameterException",
        message: "The secret value has 65537 bytes; at most 65536 are accepted.",
      });
      await assert.rejects(sm.client.putSecretValue({ SecretId, SecretBinary: Buffer.from(`${longest}!`) }), {
        name: "InvalidParameterException",
      });
    });

    it("accepts a token of 32 to 64 characters only", async () => {
      const { SecretId } = await sm.createSecret();
      const put = (length: number) =>
        sm.client.putSecretValue({ SecretId, SecretString: "text", ClientRequestToken: "t".repeat(length) });
      await put(32);
      await put(64);
      for (const length of [31, 65]) {
        await assert.rejects(put(length), {
          name: "InvalidParameterException",
          message: "ClientRequestToken must be 32-64 characters long.",
        });
      }
    });

    it("accepts 20 labels on all versions of a secret, and refuses one more with LimitExceededException", async () => {
      const { SecretId } = await sm.createSecret();
      const labels = Array.from({ length: 19 }, (_, index) => `label-${index}`); // and AWSCURRENT
      await sm.client.putSecretValue({ SecretId, SecretString: "2", VersionStages: labels });
      const one = { SecretId, SecretString: "3", VersionStages: ["one-more"] };
      await assert.rejects(sm.client.putSecretValue(one), { name: "LimitExceededException" });
      assert.equal(Object.keys(await stages(SecretId)).length, 2);
    });

    it("refuses a list of 21 labels, and an empty one", async () => {
      const { SecretId } = await sm.createSecret();
      for (const length of [0, 21]) {
        const VersionStages = Array.from({ length }, (_, index) => `label-${index}`);
        await assert.rejects(sm.client.putSecretValue({ SecretId, SecretString: "2", VersionStages }), {
          name: "InvalidParameterException",
        });
      }
    });
  });

  async function stages(SecretId: string) {
    return (await sm.client.describeSecret({ SecretId })).VersionIdsToStages ?? {};
  }
});
