import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { createServerCertificate } from "../../local/certificates";
import { assertNobodyLockedOut, assertRotated, holderOf, SeenPasswords } from "../support/faults/invariants";
import { startWire, type Wire, type WireFault } from "../support/faults/wire";
import { assertFailed, beginRotation, invokeStep, runSteps, type Step, steps } from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";

const unavailable = "SecretsManagerUnavailableError";

/** A stack whose functions reach Secrets Manager over a wire. */
async function withWire(work: (stack: TestStack, wire: Wire) => Promise<void>): Promise<void> {
  let endpointPort = 0;
  const wire = await startWire(() => endpointPort);
  const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${wire.port}` };
  const stack = await startStack({ strategy: "single-user", environment, bootstrapped: false });
  try {
    endpointPort = Number(new URL(stack.secretsManager.endpointUrl).port);
    assert.equal((await stack.bootstrap()).functionError, undefined);
    await work(stack, wire);
  } finally {
    await stack.stop();
    await wire.stop();
  }
}

/** What is wrong for a time. */
interface Disturbance {
  begin(): void;
  end(): void;
}

const onWire = (wire: Wire, fault: WireFault): Disturbance => ({
  begin() {
    if (fault !== "silent") wire.cut(); // the SDK keeps connections
    wire.set(fault);
  },
  end() {
    wire.set("none");
    wire.cut();
  },
});

const answering = ({ secretsManager }: TestStack, error: string): Disturbance => ({
  begin() {
    secretsManager.inject({ error });
  },
  end() {
    secretsManager.clearFaults();
  },
});

/** Makes each step fail once, then succeed, as at Secrets Manager's next try. */
async function failEachStep(
  stack: TestStack,
  disturbance: Disturbance,
  message: RegExp,
  which: readonly Step[] = steps,
): Promise<void> {
  const old = await holderOf(stack, "AWSCURRENT");
  const token = await beginRotation(stack);
  for (const step of steps) {
    if (which.includes(step)) {
      disturbance.begin();
      const result = await invokeStep(stack, step, token);
      disturbance.end();
      assertFailed(result, unavailable, message);
      await assertNobodyLockedOut(stack, new SeenPasswords());
    }
    await runSteps(stack, token, [step]);
  }
  await assertRotated(stack, token, old);
}

describe("Secrets Manager", () => {
  for (const [what, fault, message] of [
    ["resets every connection", "reset", /ECONNRESET|socket hang up/],
    ["answers with what is no HTTP", { garbage: "\0\0\0\0\r\n\r\n" }, /Parse Error|socket hang up|ECONNRESET/],
    [
      "answers 200 with a page instead of JSON",
      { garbage: "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>" },
      /DescribeSecret of arn/,
    ],
    [
      "answers 503 with a page",
      { garbage: "HTTP/1.1 503 Busy\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>" },
      /DescribeSecret of arn/,
    ],
    [
      "breaks off in the middle of an answer",
      {
        garbage:
          'HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: 900\r\n\r\n{"ARN":"arn',
      },
      /DescribeSecret of arn/,
    ],
  ] as const) {
    it(`that ${what} is told as unavailable, and the next try succeeds`, () =>
      withWire((stack, wire) => failEachStep(stack, onWire(wire, fault), message)));
  }

  it("that never answers is reported as unavailable within the time limit, and the next try succeeds", () =>
    withWire((stack, wire) =>
      failEachStep(stack, onWire(wire, "silent"), /TimeoutError|timed out|timeout/i, ["setSecret"]),
    ));

  it("that is slow only makes it take longer", () =>
    withWire(async (stack, wire) => {
      wire.set({ delayMs: 200 });
      assert.equal((await stack.rotate()).error, undefined);
    }));

  for (const error of ["ThrottlingException", "InternalServiceError"]) {
    it(`that answers ${error} once is asked again by the SDK; if it persists, it is reported as unavailable`, () =>
      withWire(async (stack) => {
        const { secretsManager } = stack;
        const old = await holderOf(stack, "AWSCURRENT");
        const token = await beginRotation(stack);
        for (const operation of ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"]) {
          secretsManager.inject({ operation, times: 1, error });
        }
        await runSteps(stack, token, steps);
        await assertRotated(stack, token, old);
        await failEachStep(stack, answering(stack, error), new RegExp(error));
      }));
  }

  it("that refuses the signature, as it does when this clock is wrong, is reported as unavailable", () =>
    withWire((stack) =>
      failEachStep(stack, answering(stack, "InvalidSignatureException"), /InvalidSignatureException/),
    ));

  it("whose name does not resolve is reported as unavailable", async () => {
    const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://secretsmanager.invalid" };
    const stack = await startStack({ strategy: "single-user", environment, bootstrapped: false });
    const token = await beginRotation(stack);
    assertFailed(await invokeStep(stack, "createSecret", token), unavailable, /ENOTFOUND|EAI_AGAIN/);
    await stack.stop();
  });

  it("whose certificate is not signed by an authority, or has expired, is reported as unavailable", async () => {
    const { certificate, key } = await createServerCertificate({ isExpired: true });
    const server = createServer({ cert: certificate, key }).listen(0, "127.0.0.1");
    server.on("tlsClientError", () => undefined);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: `https://localhost:${port}` };
    const stack = await startStack({ strategy: "single-user", environment, bootstrapped: false });
    const token = await beginRotation(stack);
    assertFailed(await invokeStep(stack, "createSecret", token), unavailable, /certificate/);
    await stack.stop();
    server.close();
  });
});
