import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { startSecretsManager } from "../../../local/secrets-manager";
import { clientFor, secretsManagerForTests } from "../../support/secrets-manager";
import { until } from "../../support/until";

describe("startSecretsManager", () => {
  const sm = secretsManagerForTests();

  afterEach(() => {
    sm.server.clearFaults();
  });

  it("answers errors with HTTP 400, __type, Message and a request id", async () => {
    const response = await post("secretsmanager.GetSecretValue", JSON.stringify({ SecretId: "absent" }));
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("content-type"), "application/x-amz-json-1.1");
    assert.match(response.headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(await response.json(), {
      __type: "ResourceNotFoundException",
      Message: "Secrets Manager can't find the specified secret.",
    });
  });

  it("refuses an unknown operation", async () => {
    for (const target of ["secretsmanager.TagResource", "DynamoDB.GetItem"]) {
      const response = await post(target, "{}");
      assert.equal(((await response.json()) as { __type: string }).__type, "UnknownOperationException");
    }
  });

  const malformed: [what: string, body: string][] = [
    ["is no JSON", '{"SecretString": "example-password-1'],
    ["is no object", "[]"],
    ["has a number for a string", '{"SecretId": 1}'],
    [
      "has text for a list",
      `{"SecretId": "x", "ClientRequestToken": "${randomUUID()}", "SecretString": "x", "VersionStages": "blue"}`,
    ],
  ];
  for (const [what, body] of malformed) {
    it(`answers a body that ${what} with SerializationException, and repeats none of it`, async () => {
      const { name } = await sm.createSecret();
      const response = await post("secretsmanager.PutSecretValue", body.replace('"x"', JSON.stringify(name)));
      const error = (await response.json()) as { __type: string; message: string };
      assert.equal(error.__type, "SerializationException");
      assert.doesNotMatch(error.message, /example-password-1|blue/);
    });
  }

  it("records every call with its secret and its caller, until clearCalls", async () => {
    const { name } = await sm.createSecret();
    sm.server.clearCalls();
    await sm.client.getSecretValue({ SecretId: name });
    await assert.rejects(sm.client.getSecretValue({ SecretId: "absent" }));
    await post("secretsmanager.GetRandomPassword", "{}");
    assert.deepEqual(sm.server.calls, [
      { operation: "GetSecretValue", secretId: name, source: "operator" },
      { operation: "GetSecretValue", secretId: "absent", source: "operator" },
      { operation: "GetRandomPassword" },
    ]);
  });

  describe("inject", () => {
    it("fails as many calls of the operation as requested, and no other", async () => {
      const { SecretId } = await sm.createSecret();
      sm.server.inject({ operation: "GetSecretValue", times: 2, error: "ThrottlingException" });
      await sm.client.describeSecret({ SecretId });
      for (let call = 1; call <= 2; call++) {
        await assert.rejects(sm.client.getSecretValue({ SecretId }), { name: "ThrottlingException" });
      }
      await sm.client.getSecretValue({ SecretId });
    });

    it("injects errors that the SDK retries", async () => {
      const { SecretId } = await sm.createSecret();
      const client = clientFor(sm.server.endpointUrl, 3);
      try {
        for (const error of ["ThrottlingException", "InternalServiceError"]) {
          sm.server.clearCalls();
          sm.server.inject({ operation: "GetSecretValue", times: 2, error });
          await client.getSecretValue({ SecretId });
          assert.equal(sm.server.calls.length, 3);
        }
      } finally {
        client.destroy();
      }
    });

    it("cuts the connection while down, until clearFaults", async () => {
      const { SecretId } = await sm.createSecret();
      sm.server.inject({ down: true });
      for (let call = 1; call <= 2; call++) {
        await assert.rejects(sm.client.getSecretValue({ SecretId }), { code: "ECONNRESET" });
      }
      sm.server.clearFaults();
      await sm.client.getSecretValue({ SecretId });
    });

    it("makes a call slow, so that an impatient caller gives up", async () => {
      const { SecretId } = await sm.createSecret();
      sm.server.inject({ operation: "GetSecretValue", times: 1, delayMs: 5_000 });
      const abortSignal = AbortSignal.timeout(100);
      await assert.rejects(sm.client.getSecretValue({ SecretId }, { abortSignal }), { name: "AbortError" });
      await sm.client.getSecretValue({ SecretId });
    });
  });

  it("stops with a kept-alive connection and a running call, and may be stopped twice", async () => {
    const server = await startSecretsManager();
    const client = clientFor(server.endpointUrl);
    await client.getRandomPassword({});
    server.inject({ delayMs: 60_000 });
    const call = assert.rejects(client.getRandomPassword({}));
    await until(() => server.calls.length >= 2);
    await server.stop();
    await server.stop();
    await call;
    client.destroy();
  });

  function post(target: string, body: string): Promise<Response> {
    return fetch(sm.server.endpointUrl, { method: "POST", headers: { "x-amz-target": target }, body });
  }
});
