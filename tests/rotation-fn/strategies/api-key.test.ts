import assert from "node:assert/strict";
import { answer, apiKeyStackForTests, assertOldKeyStays, begin, requestsOf } from "../../support/api-key-stack";
import { assertFailed, assertSucceeded, beginRotation, invokeStep, putValue, runSteps } from "../../support/rotation";

const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

describe("a rotation (API key that the function makes)", () => {
  const stackOf = apiKeyStackForTests();

  it("sets the key with the current one, tests it with itself, and takes 10 calls and 2 requests", async () => {
    const stack = stackOf();
    const [old, token] = [await stack.readKey(), await beginRotation(stack)];
    stack.secretsManager.clearCalls();
    await runSteps(stack, token, steps);
    assert.deepEqual(requestsOf(stack), ["PUT /key 204", "GET /account 200"]);
    const key = await stack.readKey("AWSCURRENT");
    assert.deepEqual(
      stack.service.requests.map((request) => request.key),
      [old, key],
    );
    assert.deepEqual([stack.service.isValid(old), stack.service.isValid(key)], [false, true]);
    const calls = stack.secretsManager.calls.filter(({ source }) => source === stack.rotateFunction.name);
    assert.equal(calls.length, 10);
  });

  it("finds the key set when an earlier try lost the answer", async () => {
    const stack = stackOf();
    const token = await begin(stack);
    await runSteps(stack, token, ["setSecret", "setSecret", "testSecret", "finishSecret"]);
    const expected = ["PUT /key 204", "PUT /key 401", "GET /account 200", "GET /account 200"];
    assert.deepEqual(requestsOf(stack), expected);
    assert(stack.service.isValid(await stack.readKey()));
  });

  it("lets invocations at the same time all succeed", async () => {
    const stack = stackOf();
    const token = await begin(stack);
    (await Promise.all([1, 2, 3].map(() => invokeStep(stack, "setSecret", token)))).forEach(assertSucceeded);
    await runSteps(stack, token, ["testSecret", "finishSecret"]);
    assert(stack.service.isValid(await stack.readKey()));
  });

  it("says that neither key is taken", async () => {
    const stack = stackOf();
    await putValue(stack, { apiKey: "example-key-of-nobody" });
    const token = await begin(stack);
    const message = /^AWSCURRENT: received a refusal \(401\).*runbook/;
    assertFailed(await invokeStep(stack, "setSecret", token), "ApiKeyRefusedError", message);
    assert.deepEqual(requestsOf(stack), ["PUT /key 401", "GET /account 401"]);
  });

  it("says that a key which the service took before is refused after all", async () => {
    const stack = stackOf();
    const token = await begin(stack);
    stack.misbehave("PUT /key", answer(204)); // and nothing is set
    await runSteps(stack, token, ["setSecret"]);
    await assertOldKeyStays(stack, token, "testSecret", [
      "ApiKeyRefusedError",
      /^AWSPENDING: received a refusal \(401\)/,
    ]);
  });
});

describe("a rotation (API key, where the service keeps the last two)", () => {
  const stackOf = apiKeyStackForTests({ oldKey: "stays" });

  it("takes a conflict for done where the key is in force", async () => {
    const stack = stackOf();
    const token = await begin(stack);
    await runSteps(stack, token, ["setSecret", "setSecret", "testSecret", "finishSecret"]);
    const expected = ["PUT /key 204", "PUT /key 409", "GET /account 200", "GET /account 200"];
    assert.deepEqual(requestsOf(stack), expected);
  });

  it("does not where it is not", async () => {
    const stack = stackOf();
    const token = await begin(stack);
    stack.misbehave("PUT /key", answer(409));
    const message = /^AWSPENDING: received a conflict \(409\), and a refusal of that key/;
    await assertOldKeyStays(stack, token, "setSecret", ["ApiKeyConflictError", message]);
  });
});

describe("a rotation (API key that the service makes)", () => {
  const stackOf = apiKeyStackForTests({ keySource: "service", oldKey: "stays" });

  it("has the key made with the current one, in createSecret, and takes 9 calls and 2 requests", async () => {
    const stack = stackOf();
    const old = await stack.readKey();
    assert.equal((await stack.rotate()).error, undefined);
    assert.equal(stack.secretsManager.calls.filter(({ source }) => source === stack.rotateFunction.name).length, 9);
    assert.deepEqual(requestsOf(stack), ["POST /keys 201", "GET /account 200"]);
    assert.equal(stack.service.requests[0]?.key, old);
    assert.notEqual(await stack.readKey(), old);
  });

  it("has no second key made when createSecret is repeated", async () => {
    const stack = stackOf();
    const token = await begin(stack);
    const key = await stack.readKey("AWSPENDING");
    await runSteps(stack, token, steps);
    assert.deepEqual([await stack.readKey(), stack.service.keyCount()], [key, 2]);
  });

  it("gets the same key again when the first answer was lost on the way to Secrets Manager", async () => {
    const stack = stackOf();
    const token = await beginRotation(stack);
    stack.secretsManager.inject({ operation: "PutSecretValue", times: 3, error: "InternalServiceError" });
    assertFailed(await invokeStep(stack, "createSecret", token), "SecretsManagerUnavailableError", /PutSecretValue/);
    await runSteps(stack, token, steps);
    assert.equal(stack.service.keyCount(), 2);
  });

  const json = { "content-type": "application/json" };
  const wrongAnswers: [what: string, body: (key: string) => string, message: RegExp][] = [
    ["the old key as the new one", (key) => JSON.stringify({ data: { key } }), /received AWSCURRENT's own key/],
    ["no key", () => '{"data": null}', /^data\.key of the answer.*received a undefined|^data\.key.*undefined/],
    [
      "a key that would split a header",
      () => '{"data": {"key": "a\\r\\nHost: b"}}',
      /received a string; accepted is a new/,
    ],
    ["no JSON, though it says so", () => "{", /JSON that does not parse/],
    ["nothing", () => "", /received a undefined/],
  ];
  for (const [what, body, message] of wrongAnswers) {
    it(`refuses ${what}, and stores nothing`, async () => {
      const stack = stackOf();
      const token = await beginRotation(stack);
      stack.misbehave("POST /keys", answer(201, json, body(await stack.readKey())));
      await assertOldKeyStays(stack, token, "createSecret", ["UnexpectedApiAnswerError", message]);
      await assert.rejects(stack.readKey("AWSPENDING"), { name: "ResourceNotFoundException" });
    });
  }

  it("says that the current key may make none", async () => {
    const stack = stackOf();
    const token = await beginRotation(stack);
    stack.misbehave("POST /keys", answer(403));
    await assertOldKeyStays(stack, token, "createSecret", [
      "ApiKeyRefusedError",
      /^AWSCURRENT: received a refusal \(403\)/,
    ]);
  });
});
