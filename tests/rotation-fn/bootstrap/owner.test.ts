import { CreateSecretCommand, DeleteSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { operatorClient } from "../../../local/rotating-secret";
import { assertRefused, assertSucceeded, canLogIn, querySuperuser } from "../../support/rotation";
import { bootstrapWith } from "../../support/several-users";
import { startStack, type TestStack } from "../../support/stack";

describe("bootstrap, with objects that are not this stack's", () => {
  let stack: TestStack;
  let other: TestStack | undefined;

  beforeEach(async () => {
    stack = await startStack({ strategy: "single-user" });
  });
  afterEach(async () => {
    await Promise.all([stack.stop(), other?.stop()]);
    other = undefined;
  });

  /** Another stack with the same names, on the same cluster. */
  async function startOther(): Promise<TestStack> {
    const { username, ownerRole } = stack;
    other = await startStack({ strategy: "single-user", username, ownerRole, bootstrapped: false });
    return other;
  }

  it("refuses another stack's owner role, so that two stacks never set the same password", async () => {
    const second = await startOther();
    const login = await stack.readLogin();
    await assertRefused(
      second,
      () => second.bootstrap(),
      "RoleNameTakenError",
      new RegExp(
        `^role ${stack.ownerRole}: .*secret todo-rotation/${stack.database}/.*comment on role "?\\w+"? is null`,
      ),
    );
    assert(await canLogIn(stack, login));
  });

  it("takes over the owner role once its comment is gone, as the message says", async () => {
    const second = await startOther();
    await querySuperuser(stack, `comment on role ${stack.ownerRole} is null`);
    assertSucceeded(await second.bootstrap());
    assert(await canLogIn(second, await second.readLogin()));
  });

  it("recognises its own when the secret was deleted and created again", async () => {
    const [secret] = stack.secrets;
    const client = operatorClient(stack.secretsManager);
    await client.send(new DeleteSecretCommand({ SecretId: secret.secretArn, ForceDeleteWithoutRecovery: true }));
    const Name = `todo-rotation/${stack.database}/database/${stack.username}`;
    const { ARN: secretArn = "" } = await client.send(new CreateSecretCommand({ Name }));
    assert.notEqual(secretArn, secret.secretArn);
    assertSucceeded(await bootstrapWith({ ...stack, secrets: [{ ...secret, secretArn }] }, {}));
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    client.destroy();
    const { username, password } = JSON.parse(SecretString) as { username: string; password: string };
    assert(await canLogIn(stack, { username, password }));
  });

  it("refuses an owner role with another party's comment", async () => {
    await querySuperuser(stack, `comment on role ${stack.ownerRole} is 'payroll'`);
    await assertRefused(stack, () => stack.bootstrap(), "RoleNameTakenError", /received .*"payroll"/);
  });

  it("refuses a schema with another owner", async () => {
    await querySuperuser(stack, "alter schema todo owner to current_user");
    await assertRefused(stack, () => stack.bootstrap(), "SchemaNameTakenError", /^schema todo: .*database of its own/);
  });
});
