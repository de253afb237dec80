import assert from "node:assert/strict";
import { createServerCertificate } from "../../../local/certificates";
import {
  answer,
  apiKeyStackForTests,
  assertOldKeyStays,
  begin,
  type Misbehaviour,
  requestsOf,
  startApiKeyStack,
} from "../../support/api-key-stack";
import { beginRotation, putValue, runSteps, startDecoy } from "../../support/rotation";
import { temporaryFolder } from "../../support/temporary-folder";

const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

describe("an API that misbehaves", () => {
  // Four seconds, of which the function reserves three: a hanging call is given up after one.
  const stackOf = apiKeyStackForTests({ timeoutSeconds: 4 });
  const html = { "content-type": "text/html; charset=utf-8" };
  const json = { "content-type": "application/json" };
  const hang: Misbehaviour = () => true;
  const hangHalfWay: Misbehaviour = (_request, response) => {
    response.writeHead(200, json).write("{");
    return true;
  };
  const hangUp: Misbehaviour = (request) => {
    request.socket.destroy();
    return true;
  };

  const failures: [what: string, misbehaviour: Misbehaviour, errorType: string, message: RegExp][] = [
    [
      "HTML, status 200",
      answer(200, html, "<h1>Log in</h1>"),
      "UnexpectedApiAnswerError",
      /status 200 with text\/html;/,
    ],
    ["no content type", answer(200, {}, "{}"), "UnexpectedApiAnswerError", /status 200 with no content type/],
    ["over 64 KiB", answer(200, json, `"${"x".repeat(70_000)}"`), "UnexpectedApiAnswerError", /more than 65536 bytes/],
    ["404", answer(404), "UnexpectedApiAnswerError", /received status 404/],
    ["500", answer(500), "ApiUnavailableError", /received status 500/],
    ["nothing, for ever", hang, "ApiUnavailableError", /received no answer in time/],
    ["half of something", hangHalfWay, "ApiUnavailableError", /received no answer in time/],
    ["by hanging up", hangUp, "ApiUnavailableError", /received (UND_ERR_SOCKET|ECONNRESET)/],
    ["429", answer(429), "ApiThrottledError", /received 429, Retry-After not given/],
    ["429 for an hour", answer(429, { "retry-after": "3600" }), "ApiThrottledError", /429, Retry-After 3600 s/],
  ];
  for (const [what, misbehaviour, errorType, message] of failures) {
    for (const [step, line] of [
      ["setSecret", "PUT /key"],
      ["testSecret", "GET /account"],
    ] as const) {
      it(`leaves the old key in force when it answers ${what} in ${step}, and the next try completes`, async () => {
        const stack = stackOf();
        const token = await begin(stack);
        if (step === "testSecret") {
          stack.misbehave("PUT /key", answer(204)); // and nothing is set
          await runSteps(stack, token, ["setSecret"]);
        }
        stack.misbehave(line, misbehaviour, 3);
        await assertOldKeyStays(stack, token, step, [errorType, message]);
        stack.behave();
        await runSteps(stack, token, steps);
        assert(stack.service.isValid(await stack.readKey()));
      });
    }
  }
});

describe("an API that asks to retry later", () => {
  const stackOf = apiKeyStackForTests({ timeoutSeconds: 20 });

  const untilSoon: Misbehaviour = (request, response) =>
    answer(503, { "retry-after": new Date(Date.now() + 1_000).toUTCString() })(request, response);
  const patience: [what: string, misbehaviour: Misbehaviour, times: number][] = [
    ["429 with Retry-After in seconds", answer(429, { "retry-after": "1" }), 1],
    ["503 with Retry-After as a date", untilSoon, 1],
    ["500, twice", answer(500), 2],
  ];
  for (const [what, misbehaviour, times] of patience) {
    it(`is asked again after ${what}`, async () => {
      const stack = stackOf();
      stack.misbehave("PUT /key", misbehaviour, times);
      const token = await begin(stack);
      await runSteps(stack, token, steps.slice(1));
      const lines = stack.service.requests.map(({ line }) => line);
      assert.deepEqual(lines, [...Array<string>(times + 1).fill("PUT /key"), "GET /account"]);
    });
  }

  it("is not asked again when it wants more time than the function has", async () => {
    const stack = stackOf();
    const token = await begin(stack);
    stack.misbehave("PUT /key", answer(429, { "retry-after": "60" }), 3);
    await assertOldKeyStays(stack, token, "setSecret", ["ApiThrottledError", /Retry-After 60 s/]);
    assert.deepEqual(requestsOf(stack), ["PUT /key 429"]);
  });
});

describe("where an API key is sent", () => {
  const folder = temporaryFolder();
  const stackOf = apiKeyStackForTests();

  it("is not a host that a redirect names", async () => {
    const stack = stackOf();
    const decoy = await startDecoy();
    const token = await begin(stack);
    for (const status of [301, 302, 307, 308]) {
      stack.misbehave("PUT /key", answer(status, { location: `http://127.0.0.1:${decoy.port}/key` }));
      const error = ["ApiRedirectError", new RegExp(`received a redirect \\(${status}\\)`)] as const;
      await assertOldKeyStays(stack, token, "setSecret", error);
    }
    assert.equal(decoy.connections(), 0);
    decoy.stop();
  });

  it("is not a server whose certificate does not verify", async () => {
    const certificate = await createServerCertificate();
    const NODE_EXTRA_CA_CERTS = folder.write("ca.pem", certificate.ca);
    const trusted = await startApiKeyStack({ certificate, environment: { NODE_EXTRA_CA_CERTS } });
    assert.equal((await trusted.rotate()).error, undefined);
    await trusted.stop();

    const stack = await startApiKeyStack({ certificate });
    const token = await begin(stack);
    const error = ["ApiUnavailableError", /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT/] as const;
    await assertOldKeyStays(stack, token, "setSecret", error);
    assert.deepEqual(stack.service.requests, []);
    await stack.stop();
  });

  it("is never a host from the secret that the settings do not allow", async () => {
    const stack = stackOf();
    const decoy = await startDecoy();
    const host = `127.0.0.1:${decoy.port}`;
    const value = await stack.readValue();
    const token = await beginRotation(stack);
    await putValue(stack, { ...value, host, apiKey: "example-key-1" }, { token, stage: "AWSPENDING" });
    for (const step of ["setSecret", "testSecret"] as const) {
      await assertOldKeyStays(stack, token, step, [
        "CredentialMismatchError",
        /^host of AWSPENDING .*API_ALLOWED_HOST/,
      ]);
    }
    await putValue(stack, { ...value, host });
    const next = await beginRotation(stack);
    const error = ["CredentialMismatchError", /^host of AWSCURRENT/] as const;
    await assertOldKeyStays(stack, next, "createSecret", error);
    await putValue(stack, { ...value, apiKey: "example-key-1" }, { token: next, stage: "AWSPENDING" });
    await assertOldKeyStays(stack, next, "setSecret", error);
    assert.deepEqual([decoy.connections(), stack.service.requests], [0, []]);
    decoy.stop();
    await putValue(stack, value);
  });
});
