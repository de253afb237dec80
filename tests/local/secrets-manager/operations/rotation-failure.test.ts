import assert from "node:assert/strict";
import { startFunction } from "../../../../local/lambda";
import { bundleFile, rotationForTests } from "../../../support/rotation-of-secrets";

const fourSteps = ["createSecret", "setSecret", "testSecret", "finishSecret"];

describe("rotation with problems", () => {
  const { sm, events, functionOf, interceptedFunction, startRotation, stepsOf, stepNamesOf, eventNamesOf, stages } =
    rotationForTests();

  describe("a rotation that fails", () => {
    it("is retried as a whole with the same token, and succeeds when the function does", async () => {
      const { SecretId, current, token } = await startRotation(functionOf("failOnceAtTestSecret"));
      assert.deepEqual(await sm.server.whenRotated(SecretId), { succeeded: true, versionId: token });
      assert.deepEqual(stepNamesOf(SecretId), ["createSecret", "setSecret", "testSecret", ...fourSteps]);
      assert.deepEqual(
        stepsOf(SecretId).map(({ token: version, error }) => [version, error]),
        [0, 1, 2, 3, 4, 5, 6].map((index) => [token, index === 2 ? "Error: not this time" : undefined]),
      );
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSPREVIOUS"], [token]: ["AWSCURRENT"] });
    });

    it("is given up after three attempts, and AWSPENDING stays", async () => {
      const { SecretId, current, token } = await startRotation(functionOf("failAtSetSecret"));
      const error = "setSecret: RangeError: never";
      assert.deepEqual(await sm.server.whenRotated(SecretId), { succeeded: false, versionId: token, error });
      const attempt = ["createSecret", "setSecret"];
      assert.deepEqual(stepNamesOf(SecretId), [...attempt, ...attempt, ...attempt]);
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSCURRENT"], [token]: ["AWSPENDING"] });
      assert.deepEqual(
        events.filter(({ secretArn, eventName }) => secretArn === SecretId && eventName !== "Secret Label Updated"),
        [
          { eventName: "RotationStarted", secretArn: SecretId },
          { eventName: "RotationFailed", secretArn: SecretId, errorMessage: error },
        ],
      );
      assert.equal((await sm.client.describeSecret({ SecretId })).LastRotatedDate, undefined);
    });

    it("in createSecret leaves AWSPENDING on an empty version, which refuses the next rotation until removed", async () => {
      const { SecretId, token } = await startRotation(functionOf("failAtCreateSecret"));
      assert.equal((await sm.server.whenRotated(SecretId)).succeeded, false);
      await assert.rejects(sm.client.getSecretValue({ SecretId, VersionId: token, VersionStage: "AWSPENDING" }), {
        name: "ResourceNotFoundException",
      });
      const rotate = { SecretId, RotationLambdaARN: functionOf("rotate").arn };
      await assert.rejects(sm.client.rotateSecret(rotate), /A previous rotation isn't complete/);
      const remove = { SecretId, VersionStage: "AWSPENDING", RemoveFromVersionId: token };
      await sm.client.updateSecretVersionStage(remove);
      await sm.client.rotateSecret(rotate);
      assert.equal((await sm.server.whenRotated(SecretId)).succeeded, true);
    });

    it("is one whose function succeeded without moving AWSCURRENT", async () => {
      const { SecretId, token } = await startRotation(functionOf("doNothing"));
      assert.deepEqual(await sm.server.whenRotated(SecretId), {
        succeeded: false,
        versionId: token,
        error: `finishSecret: version ${token} is not AWSCURRENT afterwards`,
      });
    });
  });

  describe("a rotation that is interrupted", () => {
    it("is abandoned when another value becomes AWSCURRENT, and AWSPENDING is removed", async () => {
      const fn = interceptedFunction(functionOf("rotate"), async (step) => {
        if (step === "setSecret") await sm.client.putSecretValue({ SecretId: secretId, SecretString: "by hand" });
      });
      const { SecretId: secretId } = await sm.createSecret();
      await sm.client.rotateSecret({ SecretId: secretId, RotationLambdaARN: fn.arn });
      assert.equal((await sm.server.whenRotated(secretId)).succeeded, false);
      assert.deepEqual(stepNamesOf(secretId), ["createSecret", "setSecret"]);
      assert.equal(eventNamesOf(secretId).at(-1), "RotationAbandoned");
      assert.equal((await sm.client.getSecretValue({ SecretId: secretId })).SecretString, "by hand");
      const labels = Object.values((await stages(secretId)) ?? {}).flat();
      assert.deepEqual(labels.sort(), ["AWSCURRENT", "AWSPREVIOUS"]);
    });

    it("CancelRotateSecret ends after its step, disables rotation, and leaves AWSPENDING where it is", async () => {
      const fn = interceptedFunction(functionOf("rotate"), async (step) => {
        if (step === "setSecret") await sm.client.cancelRotateSecret({ SecretId: secretId });
      });
      const { SecretId: secretId, versionId } = await sm.createSecret();
      const { VersionId: token = "" } = await sm.client.rotateSecret({ SecretId: secretId, RotationLambdaARN: fn.arn });
      const outcome = await sm.server.whenRotated(secretId);
      assert.deepEqual(outcome, { succeeded: false, versionId: token, error: "rotation was cancelled" });
      assert.deepEqual(stepNamesOf(secretId), ["createSecret", "setSecret"]);
      assert.deepEqual(await stages(secretId), { [versionId]: ["AWSCURRENT"], [token]: ["AWSPENDING"] });
      assert.equal((await sm.client.describeSecret({ SecretId: secretId })).RotationEnabled, false);
    });

    it("by a deletion begins no further step", async () => {
      const fn = interceptedFunction(functionOf("doNothing"), async (step) => {
        if (step === "setSecret") await sm.client.deleteSecret({ SecretId: secretId });
      });
      const { SecretId: secretId } = await sm.createSecret();
      await sm.client.rotateSecret({ SecretId: secretId, RotationLambdaARN: fn.arn });
      assert.equal((await sm.server.whenRotated(secretId)).error, "the secret was marked for deletion");
      assert.deepEqual(stepNamesOf(secretId), ["createSecret", "setSecret"]);
    });

    it("by the end of its function fails", async () => {
      const fn = startFunction({ name: "stopped", bundleFile, handler: "rotate", environment: {} });
      await fn.stop();
      sm.server.registerFunction(fn);
      const { SecretId } = await startRotation(fn);
      const { succeeded, error } = await sm.server.whenRotated(SecretId);
      assert.equal(succeeded, false);
      assert.match(error ?? "", /^createSecret: .*invocation after stop/);
    });
  });
});
