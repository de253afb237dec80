import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { LocalFunction } from "../../../../local/lambda";
import { startSecretsManager } from "../../../../local/secrets-manager";
import { rotationForTests } from "../../../support/rotation-of-secrets";
import { clientFor } from "../../../support/secrets-manager";

const fourSteps = ["createSecret", "setSecret", "testSecret", "finishSecret"];

describe("rotation", () => {
  const { sm, events, functionOf, interceptedFunction, startRotation, stepNamesOf, eventNamesOf, stages } =
    rotationForTests();

  describe("RotateSecret", () => {
    it("answers before the function has done anything, with an AWSPENDING version without a value", async () => {
      const gate = new EventEmitter();
      const opened = once(gate, "open");
      const fn = interceptedFunction(functionOf("rotate"), () => opened);
      const { SecretId, current, token } = await startRotation(fn);
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSCURRENT"], [token]: ["AWSPENDING"] });
      for (const read of [{ VersionId: token }, { VersionStage: "AWSPENDING" }]) {
        await assert.rejects(sm.client.getSecretValue({ SecretId, ...read }), { name: "ResourceNotFoundException" });
      }
      gate.emit("open");
      assert.deepEqual(await sm.server.whenRotated(SecretId), { succeeded: true, versionId: token });
    });

    it("runs the four steps, then removes AWSPENDING", async () => {
      const { SecretId, current, token } = await startRotation(functionOf("rotate"));
      assert.deepEqual(await sm.server.whenRotated(SecretId), { succeeded: true, versionId: token });
      assert.deepEqual(stepNamesOf(SecretId), fourSteps);
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSPREVIOUS"], [token]: ["AWSCURRENT"] });
      assert.equal((await sm.client.getSecretValue({ SecretId })).SecretString, `value of ${token}`);
    });

    it("passes the step, the full ARN, the token and a RotationToken to the function, and nothing else", async () => {
      const rotate = functionOf("rotate");
      const received: Record<string, unknown>[] = [];
      const fn: LocalFunction = {
        ...rotate,
        arn: `${rotate.arn}-observed`,
        invoke(event) {
          received.push(event as Record<string, unknown>);
          return rotate.invoke(event);
        },
      };
      sm.server.registerFunction(fn);
      const { name, SecretId } = await sm.createSecret();
      const token = randomUUID();
      await sm.client.rotateSecret({ SecretId: name, ClientRequestToken: token, RotationLambdaARN: fn.arn });
      await sm.server.whenRotated(SecretId);
      const rotationTokens = new Set(received.map(({ RotationToken }) => RotationToken));
      assert.equal(rotationTokens.size, 1);
      assert.match(String([...rotationTokens][0]), /^[0-9a-f-]{36}$/);
      assert.deepEqual(
        received.map(({ RotationToken, ...event }) => ({ ...event, isGiven: RotationToken !== undefined })),
        fourSteps.map((Step) => ({ Step, SecretId, ClientRequestToken: token, isGiven: true })),
      );
    });

    it("is refused while AWSPENDING is on a version that is not AWSCURRENT", async () => {
      const gate = new EventEmitter();
      const opened = once(gate, "open");
      const { SecretId } = await startRotation(interceptedFunction(functionOf("rotate"), () => opened));
      await assert.rejects(sm.client.rotateSecret({ SecretId }), {
        name: "InvalidRequestException",
        message: "A previous rotation isn't complete. That rotation will be reattempted.",
      });
      gate.emit("open");
      await sm.server.whenRotated(SecretId);
      await sm.client.rotateSecret({ SecretId });
      assert.equal((await sm.server.whenRotated(SecretId)).succeeded, true);
    });

    it("reuses the stored function and rules when they are omitted", async () => {
      const { SecretId } = await startRotation(functionOf("rotate"), { RotationRules: { AutomaticallyAfterDays: 30 } });
      await sm.server.whenRotated(SecretId);
      await sm.client.rotateSecret({ SecretId });
      assert.equal((await sm.server.whenRotated(SecretId)).succeeded, true);
      assert.deepEqual(stepNamesOf(SecretId), [...fourSteps, ...fourSteps]);
      const { RotationLambdaARN, RotationRules } = await sm.client.describeSecret({ SecretId });
      assert.equal(RotationLambdaARN, functionOf("rotate").arn);
      assert.deepEqual(RotationRules, { AutomaticallyAfterDays: 30 });
    });

    it("with a function that it may not invoke answers AccessDeniedException, and changes nothing", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const RotationLambdaARN = "arn:aws:lambda:us-east-1:123456789012:function:absent";
      await assert.rejects(sm.client.rotateSecret({ SecretId, RotationLambdaARN }), { name: "AccessDeniedException" });
      assert.deepEqual(await stages(SecretId), { [versionId]: ["AWSCURRENT"] });
      assert.equal((await sm.client.describeSecret({ SecretId })).RotationEnabled, undefined);
    });

    it("repeated with the token of a finished rotation starts no other", async () => {
      const { SecretId, token } = await startRotation(functionOf("rotate"));
      await sm.server.whenRotated(SecretId);
      const { VersionId } = await sm.client.rotateSecret({ SecretId, ClientRequestToken: token });
      assert.equal(VersionId, token);
      await sm.server.whenRotated(SecretId);
      assert.deepEqual(stepNamesOf(SecretId), fourSteps);
    });

    it("with invalid RotationRules answers InvalidParameterException, and rotates nothing", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const rotate = { SecretId, RotationLambdaARN: functionOf("rotate").arn };
      const RotationRules = { ScheduleExpression: "rate(3 hours)" };
      await assert.rejects(sm.client.rotateSecret({ ...rotate, RotationRules }), { name: "InvalidParameterException" });
      assert.deepEqual(await stages(SecretId), { [versionId]: ["AWSCURRENT"] });
    });

    it("enables rotation; DescribeSecret returns its dates", async () => {
      const RotationRules = { ScheduleExpression: "rate(10 days)", Duration: "3h" };
      const { SecretId } = await startRotation(functionOf("rotate"), { RotationRules });
      await sm.server.whenRotated(SecretId);
      const described = await sm.client.describeSecret({ SecretId });
      assert.equal(described.RotationEnabled, true);
      assert.deepEqual(described.RotationRules, { AutomaticallyAfterDays: 10, ...RotationRules });
      const { LastRotatedDate, NextRotationDate } = described;
      assert.ok(LastRotatedDate && NextRotationDate);
      const days =
        Math.floor(NextRotationDate.getTime() / 86_400_000) - Math.floor(LastRotatedDate.getTime() / 86_400_000);
      assert.ok([9, 10].includes(days), `${days} days`); // 9 just after midnight
    });

    it("sends RotationStarted, the moved label and RotationSucceeded", async () => {
      const { SecretId, token } = await startRotation(functionOf("rotate"));
      await sm.server.whenRotated(SecretId);
      const [created, ...rotated] = events.filter(({ secretArn }) => secretArn === SecretId);
      assert.equal(created?.eventName, "Secret Label Updated");
      assert.deepEqual(rotated, [
        { eventName: "RotationStarted", secretArn: SecretId },
        { eventName: "Secret Label Updated", secretArn: SecretId, labelUpdated: "AWSCURRENT", versionId: token },
        { eventName: "RotationSucceeded", secretArn: SecretId },
      ]);
    });
  });
  describe("RotateSecret with RotateImmediately=false", () => {
    it("runs testSecret only, on a copy of the current value, then removes the label", async () => {
      const seen: unknown[] = [];
      const fn = interceptedFunction(functionOf("rotate"), async (step) => {
        const { SecretString } = await sm.client.getSecretValue({ SecretId: secretId, VersionStage: "AWSPENDING" });
        seen.push([step, SecretString]);
      });
      const { SecretId: secretId, versionId } = await sm.createSecret("the value in use");
      await sm.client.rotateSecret({ SecretId: secretId, RotationLambdaARN: fn.arn, RotateImmediately: false });
      assert.equal((await sm.server.whenRotated(secretId)).succeeded, true);
      assert.deepEqual(seen, [["testSecret", "the value in use"]]);
      assert.deepEqual(await stages(secretId), { [versionId]: ["AWSCURRENT"] });
      const { RotationEnabled, LastRotatedDate } = await sm.client.describeSecret({ SecretId: secretId });
      assert.deepEqual([RotationEnabled, LastRotatedDate], [true, undefined]);
      assert.deepEqual(eventNamesOf(secretId).slice(1), ["TestRotationStarted", "TestRotationSucceeded"]);
    });

    it("also removes the label after a failed test", async () => {
      const { SecretId, current } = await startRotation(functionOf("failAtCreateSecret"), { RotateImmediately: false });
      const { succeeded, error } = await sm.server.whenRotated(SecretId);
      assert.deepEqual([succeeded, error], [false, "testSecret: RangeError: never"]);
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSCURRENT"] });
      assert.equal(eventNamesOf(SecretId).at(-1), "TestRotationFailed");
    });
  });

  it("CancelRotateSecret of a secret that was never rotated answers InvalidRequestException", async () => {
    const { SecretId } = await sm.createSecret();
    await assert.rejects(sm.client.cancelRotateSecret({ SecretId }), { name: "InvalidRequestException" });
  });

  it("whenRotated of a secret that was never rotated is an error", async () => {
    const { SecretId } = await sm.createSecret();
    await assert.rejects(sm.server.whenRotated(SecretId), /this secret was never rotated/);
  });

  it("whenRotated also waits for a rotation that began meanwhile", async () => {
    const second = randomUUID();
    let hasBegun = false;
    const fn = interceptedFunction(functionOf("rotate"), async (step) => {
      if (step !== "finishSecret" || hasBegun) return;
      hasBegun = true;
      const VersionStage = "AWSCURRENT";
      const move = { SecretId: secretId, VersionStage, MoveToVersionId: first, RemoveFromVersionId: versionId };
      await sm.client.updateSecretVersionStage(move); // both labels on one version: the next rotation is allowed
      await sm.client.rotateSecret({ SecretId: secretId, ClientRequestToken: second });
    });
    const { SecretId: secretId, versionId } = await sm.createSecret();
    const first = randomUUID();
    await sm.client.rotateSecret({ SecretId: secretId, ClientRequestToken: first, RotationLambdaARN: fn.arn });
    assert.deepEqual(await sm.server.whenRotated(secretId), { succeeded: true, versionId: second });
  });

  it("begins no further step once the endpoint has stopped", async () => {
    const server = await startSecretsManager();
    const client = clientFor(server.endpointUrl);
    const fn = interceptedFunction(functionOf("doNothing"), () => server.stop());
    server.registerFunction(fn);
    const { ARN: SecretId = "" } = await client.createSecret({ Name: "stopped", SecretString: "text" });
    // The answer may be lost with the connection.
    await client.rotateSecret({ SecretId, RotationLambdaARN: fn.arn }).catch(() => undefined);
    assert.equal((await server.whenRotated(SecretId)).error, "Secrets Manager was stopped");
    client.destroy();
  });
});
