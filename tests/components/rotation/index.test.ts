import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import type { SuperuserSecret } from "../../../components/policies";
import { CredentialRotation } from "../../../components/rotation";
import type { Credentials } from "../../../components/rotation/credential";
import { SecretStore } from "../../../rotation-fn/secret-store";
import { readStrategies } from "../../../rotation-fn/strategies";
import { functionArgs, otherCredential, ownCredential, rotationArgs } from "../../support/function-args";
import { register } from "../../support/mocks";
import { temporaryFolder } from "../../support/temporary-folder";

const folder = temporaryFolder();

const rotationRules = { scheduleExpression: "cron(0 3 ? * SUN *)", duration: "3h" };
const args = {
  ...rotationArgs,
  superuserSecret: undefined as SuperuserSecret | undefined,
  credentials: [{ ...ownCredential, rotationRules }] as Credentials,
};
const alternating: Partial<typeof args> = {
  credentials: [{ ...ownCredential, strategy: "alternating-users" }],
  superuserSecret: functionArgs.superuserSecret,
};
const build = (overrides: Partial<typeof args> = {}) =>
  register(() => new CredentialRotation("rotation", { ...args, ...overrides }).functionName);

/** How the rotation is set up with this project's function. */
const setUp = {
  secretId: args.secretArn,
  rotationLambdaArn: "arn:aws:lambda:us-east-1:123456789012:function:rotation",
  rotationRules,
  rotateImmediately: false,
};

describe("CredentialRotation", () => {
  it("rotates the secret with the function, on the schedule", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf("aws:secretsmanager/secretRotation:SecretRotation"), setUp);
  });

  it("rotates each secret on its own schedule, all with one function, which may touch only them", async () => {
    const { superuserSecret } = functionArgs;
    const built = await build({ credentials: [ownCredential, otherCredential], superuserSecret });
    const rotations = built.all.filter(({ type }) => type === "aws:secretsmanager/secretRotation:SecretRotation");
    assert.deepEqual(
      rotations.map(({ name, inputs }) => [name, inputs.secretId, inputs.rotationRules]),
      [
        ["rotation", ownCredential.secretArn, { automaticallyAfterDays: 30 }],
        ["report-rotation", otherCredential.secretArn, { scheduleExpression: "rate(7 days)" }],
      ],
    );
    const client = new SecretsManagerClient({ region: "us-east-1" });
    const { secrets } = readStrategies(
      { ...built.variables(), PGSSLROOTCERT: folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n") },
      (secretArn) => new SecretStore(client, secretArn),
    );
    assert.deepEqual(
      [...secrets].map(([arn, { name }]) => [arn, name]),
      [
        [ownCredential.secretArn, "single-user"],
        [otherCredential.secretArn, "alternating-users"],
      ],
    );
    const { Statement } = built.policyOf("aws:iam/rolePolicy:RolePolicy");
    assert.deepEqual(Statement[0]?.Resource, [ownCredential.secretArn, otherCredential.secretArn]);
    assert.equal(built.count("aws:lambda/permission:Permission"), 1);
  });

  it("allows Secrets Manager to invoke the function, only for secrets of this account", async () => {
    const { inputsOf, result } = await build();
    assert.deepEqual(inputsOf("aws:lambda/permission:Permission"), {
      function: result,
      action: "lambda:InvokeFunction",
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: "123456789012",
    });
  });

  it("gives the superuser's secret to the function of alternating users", async () => {
    const { inputsOf, sids, variables } = await build(alternating);
    assert.equal(inputsOf("aws:lambda/function:Function").handler, "index.rotate");
    assert.deepEqual(variables(), {
      DATABASE_SECRETS: "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-AbCdEf,todo,owner,alternating-users",
      SUPERUSER_SECRET_ARN: functionArgs.superuserSecret.secretArn,
      OWNER_ROLE: "todo_owner",
      PGSSLROOTCERT: "/var/runtime/ca-cert.pem",
    });
    assert(sids().includes("ReadSuperuserSecret"));
  });

  it("rotates with AWS's function if configured, whose application allows Secrets Manager to invoke it", async () => {
    const { count, inputsOf, result } = await build({ rotationImplementation: "aws-provided" });
    assert.equal(result, "todo-rotation-test-single-user");
    assert.deepEqual(inputsOf("aws:secretsmanager/secretRotation:SecretRotation"), {
      ...setUp,
      rotationLambdaArn: `arn:aws:lambda:us-east-1:123456789012:function:${result}`,
    });
    assert.deepEqual([count("aws:lambda/function:Function"), count("aws:lambda/permission:Permission")], [0, 0]);
  });

  it("names AWS's function after the strategy, because both exist for a while when it changes", async () => {
    const { result } = await build({ ...alternating, rotationImplementation: "aws-provided" });
    assert.equal(result, "todo-rotation-test-alternating-users");
  });
});
