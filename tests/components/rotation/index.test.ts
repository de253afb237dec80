import assert from "node:assert/strict";
import { CredentialRotation } from "../../../components/rotation";
import { functionArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const args = {
  ...functionArgs,
  stackName: "todo-rotation-test",
  clusterArn: "arn:aws:rds:us-east-1:123456789012:cluster:database",
  rotationApplicationVersion: "1.1.671",
  superuserSecretArn: undefined as string | undefined,
  rotationRules: { scheduleExpression: "cron(0 3 ? * SUN *)", duration: "3h" },
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

  it("lets Secrets Manager invoke the function, for secrets of this account only", async () => {
    const { inputsOf, result } = await build();
    assert.deepEqual(inputsOf("aws:lambda/permission:Permission"), {
      function: result,
      action: "lambda:InvokeFunction",
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: "123456789012",
    });
  });

  it("keeps the superuser's secret from a single user's function", async () => {
    const { inputsOf, policyOf } = await build();
    const seen = JSON.stringify([inputsOf("aws:lambda/function:Function"), policyOf("aws:iam/rolePolicy:RolePolicy")]);
    assert(!/superuser|rds!cluster/i.test(seen));
  });

  it("gives the superuser's secret to the function of alternating users", async () => {
    const { inputsOf, policyOf } = await build({
      rotationStrategy: "alternating-users",
      superuserSecretArn: functionArgs.superuserSecretArn,
    });
    const { environment, handler } = inputsOf("aws:lambda/function:Function");
    assert.equal(handler, "index.rotate");
    assert.deepEqual(environment, {
      variables: {
        DATABASE_SECRET_ARN: args.secretArn,
        SUPERUSER_SECRET_ARN: functionArgs.superuserSecretArn,
        OWNER_ROLE: "todo_owner",
        PGSSLROOTCERT: "/var/runtime/ca-cert.pem",
        ROTATION_STRATEGY: "alternating-users",
      },
    });
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Sid: string }[] };
    assert(Statement.some(({ Sid }) => Sid === "ReadSuperuserSecret"));
  });

  it("rotates with AWS's function where it is to, whose application lets Secrets Manager invoke it", async () => {
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

  it("names AWS's function after the strategy: with a change of that, both exist for a while", async () => {
    const { superuserSecretArn } = functionArgs;
    const { result } = await build({
      rotationImplementation: "aws-provided",
      rotationStrategy: "alternating-users",
      superuserSecretArn,
    });
    assert.equal(result, "todo-rotation-test-alternating-users");
  });
});
