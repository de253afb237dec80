import type { RotateSecretCommandInput } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { startFunction, type LocalFunction } from "../../local/lambda";
import type { SecretsManagerEvent, StepReport } from "../../local/secrets-manager";
import { secretsManagerForTests } from "./secrets-manager";

/** Rotation functions that set no password anywhere. */
export const bundleFile = join(__dirname, "rotating-function.mjs");

/** An endpoint for the tests of one file, with rotation functions and a record of what happened to each secret. */
export function rotationForTests() {
  const steps: StepReport[] = [];
  const events: SecretsManagerEvent[] = [];
  const sm = secretsManagerForTests({ onStep: (step) => steps.push(step), onEvent: (event) => events.push(event) });
  const functions = new Map<string, LocalFunction>();

  after(() => Promise.all([...functions.values()].map((fn) => fn.stop())));

  /** The fixture's export of that name as a function that Secrets Manager may invoke; kept warm between tests. */
  function functionOf(handler: string): LocalFunction {
    const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: sm.server.endpointUrl };
    const fn = functions.get(handler) ?? startFunction({ name: handler, bundleFile, handler, environment });
    functions.set(handler, fn);
    sm.server.registerFunction(fn);
    return fn;
  }

  /** A function under another name that runs `before` before each step; `fn` still does the step. */
  function interceptedFunction(fn: LocalFunction, before: (step: string) => Promise<unknown>): LocalFunction {
    const intercepted: LocalFunction = {
      ...fn,
      arn: `${fn.arn}-${randomUUID()}`,
      async invoke(event) {
        await before((event as { Step: string }).Step);
        return fn.invoke(event);
      },
    };
    sm.server.registerFunction(intercepted);
    return intercepted;
  }

  /** A secret whose rotation has just begun, with a token of its own. */
  async function startRotation(fn: LocalFunction, request: Partial<RotateSecretCommandInput> = {}) {
    const { SecretId, versionId: current } = await sm.createSecret();
    const token = randomUUID();
    const rotate = { SecretId, ClientRequestToken: token, RotationLambdaARN: fn.arn, ...request };
    const { VersionId } = await sm.client.rotateSecret(rotate);
    assert.equal(VersionId, token);
    return { SecretId, current, token };
  }

  const stepsOf = (secretArn: string) => steps.filter((report) => report.secretArn === secretArn);
  const stepNamesOf = (secretArn: string) => stepsOf(secretArn).map(({ step }) => step);
  const eventNamesOf = (secretArn: string) =>
    events.filter((event) => event.secretArn === secretArn).map(({ eventName }) => eventName);
  const stages = async (SecretId: string) => (await sm.client.describeSecret({ SecretId })).VersionIdsToStages;

  return { sm, events, functionOf, interceptedFunction, startRotation, stepsOf, stepNamesOf, eventNamesOf, stages };
}
