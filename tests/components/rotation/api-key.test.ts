import assert from "node:assert/strict";
import { ApiKeyRotation, type ApiKeyRotationArgs } from "../../../components/rotation/api-key";
import { readStrategies } from "../../../rotation-fn/strategies";
import { functionArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const { accountId, region, logGroupPrefix, logRetentionDays, keyArn, secretArn } = functionArgs;
const args = {
  ...{ accountId, region, logGroupPrefix, logRetentionDays, keyArn, secretArn },
  allowedHost: "api.example.com",
  setKeyRequest: "PUT https://api.example.com/key",
  testKeyRequest: "GET https://api.example.com/account",
  rotationRules: { automaticallyAfterDays: 30 },
  rotateImmediately: true,
};
const build = (overrides: Partial<ApiKeyRotationArgs> = {}) =>
  register(() => new ApiKeyRotation("api-key", { ...args, ...overrides }).functionName);

const environment = {
  API_ALLOWED_HOST: "api.example.com",
  API_KEY_SECRET_ARN: secretArn,
  API_SET_KEY_REQUEST: "PUT https://api.example.com/key",
  API_TEST_KEY_REQUEST: "GET https://api.example.com/account",
};

describe("ApiKeyRotation", () => {
  it("runs the rotation function outside any VPC", async () => {
    const { all, inputsOf } = await build();
    const { handler, vpcConfig, replaceSecurityGroupsOnDestroy, description } =
      inputsOf("aws:lambda/function:Function");
    assert.deepEqual(
      [handler, vpcConfig, replaceSecurityGroupsOnDestroy, description],
      ["index.rotate", undefined, undefined, "Rotates the API key of api.example.com"],
    );
    assert.deepEqual(
      all.map(({ type }) => type).filter((type) => /ec2|vpc|rolePolicyAttachment/.test(type)),
      [],
    );
  });

  it("tells the function where the key may be sent, so that the secret does not decide it", async () => {
    assert.deepEqual((await build()).variables(), environment);
    const chosen = { keyField: "data.key", keyHeader: "X-Api-Key: {key}", keySource: "service" } as const;
    const variables = (await build(chosen)).variables();
    const expected = { API_KEY_FIELD: "data.key", API_KEY_HEADER: "X-Api-Key: {key}", API_KEY_SOURCE: "service" };
    assert.deepEqual(variables, { ...environment, ...expected });
    const { secrets } = readStrategies(variables, () => assert.fail("no secret is read"));
    assert.equal(secrets.get(secretArn)?.name, "api-key");
  });

  it("may rotate its one secret, use the key for it, trace, and write its own log", async () => {
    const { policyOf } = await build();
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy");
    const logGroup = "arn:aws:logs:us-east-1:123456789012:log-group:/todo-rotation/test/api-key";
    assert.deepEqual(
      Statement.map(({ Sid, Resource }) => [Sid, Resource]),
      [
        ["RotateSecret", [secretArn]],
        ["UseKeyForSecret", keyArn],
        ["WriteTraces", "*"],
        ["WriteLogs", [logGroup, `${logGroup}:*`]],
      ],
    );
  });

  it("rotates on the schedule, and allows only this account's Secrets Manager to invoke the function", async () => {
    const { inputsOf, result } = await build();
    assert.deepEqual(inputsOf("aws:secretsmanager/secretRotation:SecretRotation"), {
      secretId: secretArn,
      rotationLambdaArn: "arn:aws:lambda:us-east-1:123456789012:function:api-key",
      rotationRules: { automaticallyAfterDays: 30 },
      rotateImmediately: true,
    });
    const { function: invoked, principal, sourceAccount } = inputsOf("aws:lambda/permission:Permission");
    assert.deepEqual([invoked, principal, sourceAccount], [result, "secretsmanager.amazonaws.com", accountId]);
  });
});
