import {
  CancelRotateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  RestoreSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import {
  assertFailed,
  assertRefused,
  beginRotation,
  invokeStep,
  putValue,
  removeLabel,
  runSteps,
  steps,
} from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";
import { usersOfOneStack } from "../support/users-of-one-stack";

describe("the guard of every step", () => {
  let stack: TestStack; // one for all: a step that is refused changes nothing

  before(async () => {
    stack = await startStack({ strategy: "single-user" });
  });
  after(() => stack.stop());
  afterEach(() => {
    stack.secretsManager.clearFaults();
  });

  const invoke = (event: unknown) => () => stack.rotateFunction.invoke(event);

  async function whilePending(work: (token: string) => Promise<unknown>): Promise<void> {
    const token = await beginRotation(stack);
    try {
      await work(token);
    } finally {
      await removeLabel(stack, "AWSPENDING", token);
    }
  }

  it("refuses an unknown step, and names the four", async () => {
    const event = { Step: "dropSecret", SecretId: stack.secretArn, ClientRequestToken: randomUUID() };
    await assertRefused(stack, invoke(event), "UnknownStepError", /"dropSecret".*createSecret, setSecret/);
  });

  for (const field of ["Step", "SecretId", "ClientRequestToken"]) {
    it(`refuses an event without ${field}`, async () => {
      const event = {
        Step: "createSecret",
        SecretId: stack.secretArn,
        ClientRequestToken: "token",
        [field]: undefined,
      };
      await assertRefused(stack, invoke(event), "InvalidEventError", new RegExp(`^${field}: received nothing`));
    });
  }

  for (const event of [null, "text", 1, []]) {
    it(`refuses ${JSON.stringify(event)} as an event`, async () => {
      await assertRefused(stack, invoke(event), "InvalidEventError", /^Step: received nothing/);
    });
  }

  it("refuses every secret but its own, before any call", async () => {
    stack.secretsManager.clearCalls();
    const event = { Step: "createSecret", SecretId: stack.superuserSecretArn, ClientRequestToken: randomUUID() };
    assertFailed(await stack.rotateFunction.invoke(event), "UnexpectedSecretError", /DATABASE_SECRETS/);
    assert.deepEqual(stack.secretsManager.calls, []);
  });

  for (const step of steps) {
    it(`refuses ${step} of a version that the secret does not have`, () =>
      whilePending(async () => {
        const run = () => invokeStep(stack, step, "example-token-that-is-not-staged-1");
        await assertRefused(stack, run, "VersionNotFoundError", /not staged/);
      }));

    it(`refuses ${step} of a token that is the name of a property of every object`, async () => {
      const run = () => invokeStep(stack, step, "constructor");
      await assertRefused(stack, run, "VersionNotFoundError", /not staged/);
    });

    it(`refuses ${step} of a version that is no longer AWSPENDING`, async () => {
      const { VersionIdsToStages = {} } = await stack.client.send(
        new DescribeSecretCommand({ SecretId: stack.secretArn }),
      );
      const current = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes("AWSCURRENT"));
      assert(current);
      await stack.rotate();
      const run = () => invokeStep(stack, step, current[0]);
      await assertRefused(stack, run, "VersionNotPendingError", /labelled AWSPREVIOUS/);
    });

    it(`refuses ${step} if rotation is disabled`, () =>
      whilePending(async (token) => {
        await stack.client.send(new CancelRotateSecretCommand({ SecretId: stack.secretArn }));
        await assertRefused(stack, () => invokeStep(stack, step, token), "RotationDisabledError", /received false/);
      }));

    it(`says at ${step} that the secret is deleted`, () =>
      whilePending(async (token) => {
        await stack.client.send(new DeleteSecretCommand({ SecretId: stack.secretArn }));
        const run = () => invokeStep(stack, step, token);
        stack.secretsManager.clearCalls();
        await assertRefused(stack, run, "SecretDeletedError", /scheduled for deletion.*RestoreSecret/);
        const calls = stack.secretsManager.calls.filter(({ source }) => source === stack.rotateFunction.name);
        assert.deepEqual(
          calls.map(({ operation }) => operation),
          ["DescribeSecret"],
        );
        await stack.client.send(new RestoreSecretCommand({ SecretId: stack.secretArn }));
      }));
  }

  it("says that Secrets Manager does not answer, and what to check", async () => {
    const token = await beginRotation(stack);
    stack.secretsManager.inject({ down: true });
    const result = await invokeStep(stack, "createSecret", token);
    assertFailed(result, "SecretsManagerUnavailableError", /^DescribeSecret of .*check the VPC endpoint/);
    stack.secretsManager.clearFaults();
    await runSteps(stack, token, steps);
  });

  it("does not wait forever for an answer", async () => {
    const patient = await startStack({ strategy: "single-user", environment: { AWS_MAX_ATTEMPTS: "1" } });
    const token = await beginRotation(patient);
    patient.secretsManager.inject({ operation: "DescribeSecret", times: 1, delayMs: 50_000 });
    const result = await invokeStep(patient, "createSecret", token);
    assertFailed(result, "SecretsManagerUnavailableError", /^DescribeSecret of .*TimeoutError/);
    await patient.stop();
  });

  it("says that it may not read, with Secrets Manager's own words", () =>
    whilePending(async (token) => {
      stack.secretsManager.inject({ operation: "GetSecretValue", error: "AccessDeniedException" });
      const run = () => invokeStep(stack, "createSecret", token);
      assertFailed(await run(), "SecretAccessDeniedError", /key policy that allow GetSecretValue/);
    }));
});

describe("the value of the secret that is rotated", () => {
  const nextUser = usersOfOneStack("single-user");
  let stack: TestStack;

  beforeEach(() => {
    stack = nextUser();
  });

  const createSecret = async () => {
    const token = await beginRotation(stack);
    return () => invokeStep(stack, "createSecret", token);
  };

  it("is refused when it is binary", async () => {
    await putValue(stack, Buffer.from("{}"));
    await assertRefused(stack, await createSecret(), "BinarySecretError", /a binary value/);
  });

  it("is refused when it is not JSON", async () => {
    await putValue(stack, "{broken");
    await assertRefused(stack, await createSecret(), "SecretNotJsonError", /not JSON/);
  });

  it("is refused with every wrong key in one error", async () => {
    await putValue(stack, { engine: "mysql", port: "abc", username: "u".repeat(64), password: "example-password-1" });
    const message = /engine: .*host: received nothing.*port: .*dbname: .*username: received 64 bytes/;
    await assertRefused(stack, await createSecret(), "InvalidDatabaseCredentialsError", message);
  });

  it("is refused when it does not exist", async () => {
    const empty = await startStack({ strategy: "single-user", bootstrapped: false });
    const token = await beginRotation(empty);
    for (const step of ["createSecret", "finishSecret"] as const) {
      const run = () => invokeStep(empty, step, token);
      await assertRefused(empty, run, "NoCurrentVersionError", /bootstrap function/);
    }
    await empty.stop();
  });

  it("is reported missing in testSecret when createSecret never wrote one", async () => {
    const token = await beginRotation(stack);
    const run = () => invokeStep(stack, "testSecret", token);
    await assertRefused(stack, run, "PendingValueMissingError", /createSecret puts there/);
  });
});
