import type { RotateSecretCommandInput } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { startFunction, type LocalFunction } from "../../../../local/lambda";
import { startSecretsManager, type SecretsManagerEvent, type StepReport } from "../../../../local/secrets-manager";
import { clientFor, secretsManagerForTests } from "../../../support/secrets-manager";

const bundleFile = join(__dirname, "../../../support/rotating-function.mjs");
const fourSteps = ["createSecret", "setSecret", "testSecret", "finishSecret"];

describe("rotation", () => {
  const steps: StepReport[] = [];
  const events: SecretsManagerEvent[] = [];
  const sm = secretsManagerForTests({ onStep: (step) => steps.push(step), onEvent: (event) => events.push(event) });
  const functions = new Map<string, LocalFunction>();

  after(() => Promise.all([...functions.values()].map((fn) => fn.stop())));

  /** The fixture's export of that name as a function that Secrets Manager may invoke; warm between tests. */
  function functionOf(handler: string): LocalFunction {
    const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: sm.server.endpointUrl };
    const fn = functions.get(handler) ?? startFunction({ name: handler, bundleFile, handler, environment });
    functions.set(handler, fn);
    sm.server.registerFunction(fn);
    return fn;
  }

  /** A function under another name, which does `before` ahead of each step; it is `fn` that does the step. */
  function interceptedFunction(fn: LocalFunction, before: (step: string) => Promise<unknown>): LocalFunction {
    const intercepted: LocalFunction = {
      ...fn,
      arn: `${fn.arn}-${randomUUID()}`,
      async invoke(event) {
        await before((event as { Step: string }).Step);
        return fn.invoke(event);
      },
    };
    sm.server.registerFunction(intercepted);
    return intercepted;
  }

  /** A secret whose rotation has just begun, with a token of its own. */
  async function startRotation(fn: LocalFunction, request: Partial<RotateSecretCommandInput> = {}) {
    const { SecretId, versionId: current } = await sm.createSecret();
    const token = randomUUID();
    const rotate = { SecretId, ClientRequestToken: token, RotationLambdaARN: fn.arn, ...request };
    const { VersionId } = await sm.client.rotateSecret(rotate);
    assert.equal(VersionId, token);
    return { SecretId, current, token };
  }

  const stepsOf = (secretArn: string) => steps.filter((report) => report.secretArn === secretArn);
  const stepNamesOf = (secretArn: string) => stepsOf(secretArn).map(({ step }) => step);
  const eventNamesOf = (secretArn: string) =>
    events.filter((event) => event.secretArn === secretArn).map(({ eventName }) => eventName);
  const stages = async (SecretId: string) => (await sm.client.describeSecret({ SecretId })).VersionIdsToStages;

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

    it("drives the four steps, then AWSPENDING is removed", async () => {
      const { SecretId, current, token } = await startRotation(functionOf("rotate"));
      assert.deepEqual(await sm.server.whenRotated(SecretId), { succeeded: true, versionId: token });
      assert.deepEqual(stepNamesOf(SecretId), fourSteps);
      assert.deepEqual(await stages(SecretId), { [current]: ["AWSPREVIOUS"], [token]: ["AWSCURRENT"] });
      assert.equal((await sm.client.getSecretValue({ SecretId })).SecretString, `value of ${token}`);
    });

    it("passes the step, the full ARN, the token and a RotationToken to the function, and nothing else", async () => {
      const fn = startFunction({
        name: "records",
        bundleFile,
        handler: "rotate",
        environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: sm.server.endpointUrl },
      });
      sm.server.registerFunction(fn);
      const { name, SecretId } = await sm.createSecret();
      const token = randomUUID();
      const rotate = { SecretId: name, ClientRequestToken: token, RotationLambdaARN: fn.arn };
      await sm.client.rotateSecret(rotate);
      await sm.server.whenRotated(SecretId);
      await fn.stop(); // afterwards every line has arrived
      const received = fn.logs.filter((line) => line.startsWith("event: ")).map((line) => eventOf(line));
      const rotationTokens = new Set(received.map(({ RotationToken }) => RotationToken));
      assert.equal(rotationTokens.size, 1);
      assert.match(String([...rotationTokens][0]), /^[0-9a-f-]{36}$/);
      assert.deepEqual(
        received.map(({ RotationToken, ...event }) => ({ ...event, isGiven: RotationToken !== undefined })),
        fourSteps.map((Step) => ({ Step, SecretId, ClientRequestToken: token, isGiven: true })),
      );
    });

    it("is refused while AWSPENDING sits on a version that is not AWSCURRENT", async () => {
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

    it("is allowed while AWSPENDING and AWSCURRENT share one version", async () => {
      const fn = functionOf("rotate");
      const { SecretId, versionId } = await sm.createSecret();
      const label = { SecretId, VersionStage: "AWSPENDING", MoveToVersionId: versionId };
      await sm.client.updateSecretVersionStage(label);
      assert.deepEqual(await stages(SecretId), { [versionId]: ["AWSCURRENT", "AWSPENDING"] });
      await sm.client.rotateSecret({ SecretId, RotationLambdaARN: fn.arn });
      assert.equal((await sm.server.whenRotated(SecretId)).succeeded, true);
    });

    it("re-uses the stored function and rules when they are omitted", async () => {
      const { SecretId } = await startRotation(functionOf("rotate"), { RotationRules: { AutomaticallyAfterDays: 30 } });
      await sm.server.whenRotated(SecretId);
      await sm.client.rotateSecret({ SecretId });
      assert.equal((await sm.server.whenRotated(SecretId)).succeeded, true);
      assert.deepEqual(stepNamesOf(SecretId), [...fourSteps, ...fourSteps]);
      const { RotationLambdaARN, RotationRules } = await sm.client.describeSecret({ SecretId });
      assert.equal(RotationLambdaARN, functionOf("rotate").arn);
      assert.deepEqual(RotationRules, { AutomaticallyAfterDays: 30 });
    });

    it("without a function, given or stored, answers InvalidRequestException", async () => {
      const { SecretId } = await sm.createSecret();
      await assert.rejects(sm.client.rotateSecret({ SecretId }), {
        name: "InvalidRequestException",
        message: "No Lambda rotation function ARN is associated with this secret.",
      });
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

    it("accepts a token of 32 to 64 characters only", async () => {
      const { SecretId } = await sm.createSecret();
      const rotate = { SecretId, RotationLambdaARN: functionOf("rotate").arn };
      await assert.rejects(sm.client.rotateSecret({ ...rotate, ClientRequestToken: "short" }), {
        name: "InvalidParameterException",
      });
    });

    it("with RotationRules that are invalid answers InvalidParameterException, and rotates nothing", async () => {
      const { SecretId, versionId } = await sm.createSecret();
      const rotate = { SecretId, RotationLambdaARN: functionOf("rotate").arn };
      const RotationRules = { ScheduleExpression: "rate(3 hours)" };
      await assert.rejects(sm.client.rotateSecret({ ...rotate, RotationRules }), { name: "InvalidParameterException" });
      assert.deepEqual(await stages(SecretId), { [versionId]: ["AWSCURRENT"] });
    });

    it("enables rotation; DescribeSecret tells of its dates", async () => {
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
      assert.ok([9, 10].includes(days), `${days} days`); // 9 when midnight has just passed
    });

    it("tells of RotationStarted, the moved label and RotationSucceeded", async () => {
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

  describe("a rotation that is overtaken", () => {
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

    it("removes the label from a test that failed too", async () => {
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
    await assert.rejects(sm.server.whenRotated(SecretId), /no rotation was ever started/);
  });

  it("whenRotated waits for a rotation that began meanwhile, too", async () => {
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
    const client = clientFor(server.endpointUrl, { maxAttempts: 1 });
    const fn = interceptedFunction(functionOf("doNothing"), () => server.stop());
    server.registerFunction(fn);
    const { ARN: SecretId = "" } = await client.createSecret({ Name: "stopped", SecretString: "text" });
    // The answer may be lost with the connection.
    await client.rotateSecret({ SecretId, RotationLambdaARN: fn.arn }).catch(() => undefined);
    assert.equal((await server.whenRotated(SecretId)).error, "Secrets Manager was stopped");
    client.destroy();
  });

  it("counts the function's calls apart from the operator's", async () => {
    const { SecretId } = await startRotation(functionOf("rotate"));
    await sm.server.whenRotated(SecretId);
    const calls = sm.server.calls.filter(({ secretId }) => secretId === SecretId);
    const operationsOf = (caller: string) =>
      calls.filter(({ source }) => source === caller).map(({ operation }) => operation);
    assert.deepEqual(operationsOf("operator"), ["RotateSecret"]);
    assert.deepEqual(operationsOf("rotate"), [
      "PutSecretValue",
      "GetSecretValue",
      "DescribeSecret",
      "UpdateSecretVersionStage",
    ]);
  });
});

function eventOf(line: string): Record<string, unknown> {
  return JSON.parse(line.slice("event: ".length)) as Record<string, unknown>;
}
