import { DeleteSecretCommand, PutSecretValueCommand, RestoreSecretCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import {
  assertRefused,
  beginRotation,
  invokeStep,
  putValue,
  querySuperuser,
  runSteps,
  startDecoy,
} from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";
import { usersOfOneStack } from "../support/users-of-one-stack";

describe("the superuser's secret (alternating users)", () => {
  const nextUser = usersOfOneStack("alternating-users");
  let stack: TestStack;

  beforeEach(() => {
    stack = nextUser();
  });
  afterEach(async () => {
    await stack.client.send(new RestoreSecretCommand({ SecretId: stack.superuserSecretArn }));
    await putSuperuser(stack.postgres.administrator);
  });

  async function putSuperuser(value: object): Promise<void> {
    const put = { SecretId: stack.superuserSecretArn, SecretString: JSON.stringify(value) };
    await stack.client.send(new PutSecretValueCommand(put));
  }

  const readSuperuserCalls = () =>
    stack.secretsManager.calls.filter(
      ({ source, secretId }) => source === stack.rotateFunction.name && secretId === stack.superuserSecretArn,
    ).length;

  /** Runs createSecret, and returns setSecret for assertions. */
  async function readySetSecret() {
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    return () => invokeStep(stack, "setSecret", token);
  }

  it("does not ask for the superuser when AWSCURRENT does not log in", async () => {
    await querySuperuser(stack, `alter role ${stack.username} password 'example-password-of-nobody'`);
    const run = await readySetSecret();
    stack.secretsManager.clearCalls();
    await assertRefused(stack, run, "LoginRefusedError", /^AWSCURRENT, user .*runbook/);
    assert.equal(readSuperuserCalls(), 0);
  });

  it("reads only the configured superuser secret, whatever the secret names", async () => {
    await putValue(stack, { ...(await stack.readValue()), masterarn: "arn:aws:secretsmanager:::secret:other" });
    const run = await readySetSecret();
    stack.secretsManager.clearCalls();
    await assertRefused(stack, run, "CredentialMismatchError", /^masterarn of AWSCURRENT/);
    assert.equal(readSuperuserCalls(), 0);
  });

  it("refuses to work without a superuser secret", async () => {
    const bare = await startStack({
      strategy: "alternating-users",
      username: stack.postgres.administrator.username,
      environment: { SUPERUSER_SECRET_ARN: "" },
      bootstrapped: false,
    });
    await putValue(bare, {
      engine: "postgres",
      host: bare.postgres.host,
      port: bare.postgres.port,
      dbname: bare.database,
      ...bare.postgres.administrator,
    });
    const token = await beginRotation(bare);
    await runSteps(bare, token, ["createSecret"]);
    const run = () => invokeStep(bare, "setSecret", token);
    await assertRefused(bare, run, "SuperuserSecretMissingError", /^SUPERUSER_SECRET_ARN: received nothing/);
    await bare.stop();
  });

  it("says that the superuser secret cannot be read", async () => {
    const run = await readySetSecret();
    await stack.client.send(new DeleteSecretCommand({ SecretId: stack.superuserSecretArn }));
    await assertRefused(stack, run, "SuperuserSecretUnreadableError", /scheduled for deletion/);
  });

  const superuserValues: [value: object, errorType: string, message: RegExp][] = [
    [{}, "InvalidDatabaseCredentialsError", /username: received nothing.*password: received nothing/],
    [{ username: "postgres_admin", password: "example-password-1" }, "SuperuserLoginRefusedError", /28P01/],
  ];
  for (const [value, errorType, message] of superuserValues) {
    it(`says ${errorType} of a superuser secret with ${Object.keys(value).join(" and ") || "no keys"}`, async () => {
      const run = await readySetSecret();
      await putSuperuser(value);
      await assertRefused(stack, run, errorType, message);
    });
  }

  it("connects to AWSCURRENT's host as the superuser, whatever host the superuser secret names", async () => {
    const decoy = await startDecoy();
    await putSuperuser({ ...stack.postgres.administrator, host: "127.0.0.1", port: decoy.port });
    assert.equal((await stack.rotate()).error, undefined);
    assert.equal(decoy.connections(), 0);
    decoy.stop();
  });
});
