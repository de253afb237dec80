import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import type { SuperuserSecret } from "../../../components/policies";
import { CredentialRotation } from "../../../components/rotation";
import type { Credentials } from "../../../components/rotation/credential";
import { SecretStore } from "../../../rotation-fn/secret-store";
import { readStrategies } from "../../../rotation-fn/strategies";
import { functionArgs, otherCredential, ownCredential } from "../../support/function-args";
import { register } from "../../support/mocks";
import { temporaryFolder } from "../../support/temporary-folder";

const folder = temporaryFolder();

const args = {
  ...functionArgs,
  stackName: "todo-rotation-test",
  clusterArn: "arn:aws:rds:us-east-1:123456789012:cluster:database",
  rotationApplicationVersion: "1.1.671",
  superuserSecret: undefined as SuperuserSecret | undefined,
  credentials: [
    { ...ownCredential, rotationRules: { scheduleExpression: "cron(0 3 ? * SUN *)", duration: "3h" } },
  ] as Credentials,
  rotateImmediately: false,
};
const build = (overrides: Partial<typeof args> = {}) =>
  register(() => new CredentialRotation("rotation", { ...args, ...overrides }).functionName);

describe("CredentialRotation", () => {
  it("rotates the secret with the function, on the schedule", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf("aws:secretsmanager/secretRotation:SecretRotation"), {
      secretId: args.secretArn,
      rotationLambdaArn: "arn:aws:lambda:us-east-1:123456789012:function:rotation",
      rotationRules: { scheduleExpression: "cron(0 3 ? * SUN *)", duration: "3h" },
      rotateImmediately: false,
    });
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
    const { environment } = built.inputsOf("aws:lambda/function:Function") as { environment: { variables: object } };
    const { secrets } = readStrategies(
      { ...environment.variables, PGSSLROOTCERT: folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\n") },
      (secretArn) => new SecretStore(client, secretArn),
    );
    assert.deepEqual(
      [...secrets].map(([arn, { name }]) => [arn, name]),
      [
        [ownCredential.secretArn, "single-user"],
        [otherCredential.secretArn, "alternating-users"],
      ],
    );
    const { Statement } = built.policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Resource: unknown }[] };
    assert.deepEqual(Statement[0]?.Resource, [ownCredential.secretArn, otherCredential.secretArn]);
    const permissions = built.all.filter(({ type }) => type === "aws:lambda/permission:Permission");
    assert.equal(permissions.length, 1);
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

  it("withholds the superuser's secret from a single user's function", async () => {
    const { inputsOf, policyOf } = await build();
    const seen = JSON.stringify([inputsOf("aws:lambda/function:Function"), policyOf("aws:iam/rolePolicy:RolePolicy")]);
    assert(!/superuser|rds!cluster/i.test(seen));
  });

  it("gives the superuser's secret to the function of alternating users", async () => {
    const { inputsOf, policyOf } = await build({
      credentials: [{ ...ownCredential, strategy: "alternating-users" }],
      superuserSecret: functionArgs.superuserSecret,
    });
    const { environment, handler } = inputsOf("aws:lambda/function:Function");
    assert.equal(handler, "index.rotate");
    assert.deepEqual(environment, {
      variables: {
        DATABASE_SECRETS:
          "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-AbCdEf,todo,owner,alternating-users",
        SUPERUSER_SECRET_ARN: functionArgs.superuserSecret.secretArn,
        OWNER_ROLE: "todo_owner",
        PGSSLROOTCERT: "/var/runtime/ca-cert.pem",
      },
    });
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Sid: string }[] };
    assert(Statement.some(({ Sid }) => Sid === "ReadSuperuserSecret"));
  });

  it("rotates with AWS's function if configured, whose application allows Secrets Manager to invoke it", async () => {
    const { count, inputsOf, result } = await build({ rotationImplementation: "aws-provided" });
    assert.equal(result, "todo-rotation-test-single-user");
    const { rotationLambdaArn, ...others } = inputsOf("aws:secretsmanager/secretRotation:SecretRotation");
    assert.equal(rotationLambdaArn, `arn:aws:lambda:us-east-1:123456789012:function:${result}`);
    assert.deepEqual(others, {
      secretId: args.secretArn,
      rotationRules: { scheduleExpression: "cron(0 3 ? * SUN *)", duration: "3h" },
      rotateImmediately: false,
    });
    assert.deepEqual([count("aws:lambda/function:Function"), count("aws:lambda/permission:Permission")], [0, 0]);
  });

  it("names AWS's function after the strategy, because both exist for a while when it changes", async () => {
    const { superuserSecret } = functionArgs;
    const { result } = await build({
      rotationImplementation: "aws-provided",
      credentials: [{ ...ownCredential, strategy: "alternating-users" }],
      superuserSecret,
    });
    assert.equal(result, "todo-rotation-test-alternating-users");
  });
});
