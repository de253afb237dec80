import { RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import type { RotatingSecret } from "../../local/rotating-secret";
import {
  assertSucceeded,
  beginRotation,
  invokeStep,
  putValue,
  removeLabel,
  type RotatingStack,
  runSteps,
  startDecoy,
  type Step,
  steps,
} from "./rotation";
import { type Moment, Tripwire } from "./tripwire";
import { until } from "./until";

/*
 * What every strategy must pass, whatever its credential opens. A strategy provides a StrategyUnderTest;
 * docs/strategies.md says how. strategy-suite.test.ts shows that each check can fail.
 */

export type SecretValue = Readonly<Record<string, unknown>>;

export interface StrategyUnderTest {
  readonly name: string;
  /** What happens to the old credential when a rotation ends. */
  readonly oldCredential: "ends" | "stays";
  /**
   * Creates a secret with a first value that is in force, and its function.
   *
   * @param through puts a tripwire in front of an HTTP URL, so that the function can be killed at any call: for Secrets
   * Manager, and for any HTTP service that the credential opens
   */
  start(through: (url: string) => Promise<string>): Promise<StrategySubject>;
}

/** A secret that rotates by the strategy, and everything around it. */
interface StrategySubject extends RotatingStack, RotatingSecret {
  /** Whether the service or database that the credential opens accepts the one in this value. */
  isTaken(value: SecretValue): Promise<boolean>;
  /** The part of a value that no log may hold, for example its password. */
  secretPartOf(value: SecretValue): string;
  /** What a value must hold to point at another server, which listens at this port of 127.0.0.1. */
  leadingTo(port: number): SecretValue;
  /** The log of the service or database that the credential opens; "" if it has none. */
  serverLog(): string;
  stop(): Promise<void>;
}

type StrategyCheck = (subject: StrategySubject, strategy: StrategyUnderTest, tripwire: Tripwire) => Promise<void>;

/** Title → check. */
type StrategyChecks = Readonly<Record<string, StrategyCheck>>;

/** Runs the checks on one subject: each leaves the secret with a value in force, and ready to rotate. */
export function strategySuite(strategy: StrategyUnderTest, checks: StrategyChecks = strategyChecks): void {
  describe(`the strategy ${strategy.name}`, () => {
    const tripwire = new Tripwire();
    let subject: StrategySubject;

    before(async () => {
      subject = await strategy.start((url) => tripwire.through(url));
    });
    after(async () => {
      await subject.stop();
      await tripwire.stop();
    });

    for (const [title, check] of Object.entries(checks)) it(title, () => check(subject, strategy, tripwire));
  });
}

/** Runs one check on a subject of its own. */
export async function runCheck(check: StrategyCheck, strategy: StrategyUnderTest): Promise<void> {
  const tripwire = new Tripwire();
  const subject = await strategy.start((url) => tripwire.through(url));
  try {
    await check(subject, strategy, tripwire);
  } finally {
    await subject.stop();
    await tripwire.stop();
  }
}

/** Checks of each step, without disturbances. */
export const stepChecks: StrategyChecks = {
  async "rotates to a credential that is taken, and leaves of the old one what it says"(subject, { oldCredential }) {
    for (let rotation = 1; rotation <= 3; rotation++) {
      const old = await subject.readValue();
      assert.equal((await subject.rotate()).error, undefined);
      const value = await subject.readValue();
      assert.notEqual(subject.secretPartOf(value), subject.secretPartOf(old));
      assert(await subject.isTaken(value), "the new credential is refused");
      assert.equal(await subject.isTaken(old), oldCredential === "stays", "whether the old credential is taken");
    }
  },
  async "keeps the keys of the value that it does not know"(subject) {
    const unknown = { note: "kept", nested: { list: [1, null] } };
    await putValue(subject, { ...(await subject.readValue()), ...unknown });
    assert.equal((await subject.rotate()).error, undefined);
    const { note, nested } = await subject.readValue();
    assert.deepEqual({ note, nested }, unknown);
  },
  async "does nothing in a step whose work is done"(subject) {
    const token = await beginRotation(subject);
    await runSteps(subject, token, ["createSecret"]);
    const value = await subject.readValue("AWSPENDING");
    await runSteps(subject, token, ["createSecret", "setSecret", "setSecret", "createSecret", "setSecret"]);
    assert.deepEqual(await subject.readValue("AWSPENDING"), value, "a repeated createSecret changed the candidate");
    await runSteps(subject, token, ["testSecret", "testSecret", "finishSecret", ...steps]);
    assert.deepEqual(await subject.readValue(), value);
    assert(await subject.isTaken(value), "the credential is refused after repeated steps");
  },
  async "lets setSecret run several times at once"(subject) {
    const token = await beginRotation(subject);
    await runSteps(subject, token, ["createSecret"]);
    (await Promise.all([1, 2, 3].map(() => invokeStep(subject, "setSecret", token)))).forEach(assertSucceeded);
    await runSteps(subject, token, ["testSecret", "finishSecret"]);
    assert(await subject.isTaken(await subject.readValue()));
  },
  async "fails testSecret of a candidate that is not taken, and leaves AWSCURRENT in force"(subject) {
    const value = await subject.readValue();
    const token = await beginRotation(subject);
    await runSteps(subject, token, ["createSecret"]);
    const candidate = await subject.readValue("AWSPENDING");
    // The maker of the credential may put it in force immediately.
    if (!(await subject.isTaken(candidate))) {
      const result = await invokeStep(subject, "testSecret", token);
      assert(result.functionError !== undefined, "a candidate that is refused passed the test");
      assert(await subject.isTaken(value));
    }
    await runSteps(subject, token, steps);
  },
  async "sends nothing to a server that a candidate names"(subject) {
    const decoy = await startDecoy();
    const value = await subject.readValue();
    const led = { ...value, ...subject.leadingTo(decoy.port) };
    const token = await beginRotation(subject);
    await putValue(subject, led, { token, stage: "AWSPENDING" });
    await invokeStep(subject, "setSecret", token);
    const result = await invokeStep(subject, "testSecret", token);
    assert(result.functionError !== undefined, "a candidate that leads elsewhere passed the test");
    assert.equal(decoy.connections(), 0, "the candidate's server was called");
    assert(await subject.isTaken(value), "the credential in use was changed for such a candidate");
    await removeLabel(subject, "AWSPENDING", token);
    decoy.stop();
  },
  async "only tests AWSCURRENT when rotation is set up without rotating"(subject) {
    const value = await subject.readValue();
    const { secretArn: SecretId, rotateFunction } = subject;
    const request = { SecretId, RotationLambdaARN: rotateFunction.arn, RotateImmediately: false };
    await subject.client.send(new RotateSecretCommand(request));
    assert.equal((await subject.secretsManager.whenRotated(SecretId)).error, undefined);
    assert.deepEqual(await subject.readValue(), value);
    assert(await subject.isTaken(value));
  },
  async "names what is wrong with a value, and shows none of it"(subject) {
    const value = await subject.readValue();
    for (const text of ["example-text-that-is-no-json", '["example-text-in-a-list"]', '{"example": "text-of-a-key"}']) {
      await putValue(subject, text);
      const token = await beginRotation(subject);
      const result = await invokeStep(subject, "createSecret", token);
      assert(result.functionError !== undefined, `took ${text} for a value`);
      assert(!/example|text-of/.test(result.payload.errorMessage), "the error shows a part of the value");
      await removeLabel(subject, "AWSPENDING", token);
    }
    await putValue(subject, value);
  },
  async "keeps every credential and the rotation token out of every log"(subject) {
    const token = await beginRotation(subject);
    const secrets = [subject.secretPartOf(await subject.readValue()), "example-rotation-token"];
    await runSteps(subject, token, steps);
    secrets.push(subject.secretPartOf(await subject.readValue()));
    await invokeStep(subject, "sentinel-of-the-log" as Step, token); // everything logged before it has arrived
    const functionLog = () => subject.rotateFunction.logs.join("\n");
    await until(() => functionLog().includes("sentinel-of-the-log"));
    for (const secret of secrets) {
      assert(!functionLog().includes(secret), "a secret is in the function's log");
      assert(!subject.serverLog().includes(secret), "a secret is in the log of what the credential opens");
    }
  },
};

/** Checks of a process that dies: each takes as many rotations as the step makes calls, twice. */
export const crashChecks: StrategyChecks = Object.fromEntries(
  steps.map((step): [string, StrategyCheck] => [
    `survives its process's death at every call of ${step}: nobody is locked out, and the next try completes`,
    (subject, _strategy, tripwire) => sweep(subject, tripwire, step),
  ]),
);

export const strategyChecks = { ...stepChecks, ...crashChecks };

/**
 * Kills the function at its first call in the step, at its second, and so on; before the call's effect and after it.
 */
async function sweep(subject: StrategySubject, tripwire: Tripwire, step: Step): Promise<void> {
  for (const moment of ["before", "after"] as const) {
    let deaths = 0;
    while (await dieAt(subject, tripwire, { step, nth: deaths + 1, moment })) deaths += 1;
    assert(deaths > 0, `${step} makes no call through the tripwire`);
  }
}

/** @returns false when the step makes fewer calls: it ended before the function died */
async function dieAt(
  subject: StrategySubject,
  tripwire: Tripwire,
  { step, nth, moment }: { step: Step; nth: number; moment: Moment },
): Promise<boolean> {
  const where = `death ${moment} call ${nth} of ${step}`;
  const token = await beginRotation(subject);
  const first = { ...subject, rotateFunction: subject.startRotateFunction() };
  await runSteps(first, token, steps.slice(0, steps.indexOf(step)));
  tripwire.arm(nth, moment, () => first.rotateFunction.stop());
  const result = await invokeStep(first, step, token);
  const died = tripwire.disarm();
  if (died) assert(result.functionError !== undefined, `${where}: the step succeeded nevertheless`);
  await first.rotateFunction.stop();
  assert(await isAnyTaken(subject), `${where}: neither AWSCURRENT nor AWSPENDING is taken`);

  await runSteps(subject, token, steps); // in a process that knows nothing of this rotation
  assert(await subject.isTaken(await subject.readValue()), `${where}: AWSCURRENT is refused in the end`);
  await removeLabel(subject, "AWSPENDING", token);
  return died;
}

async function isAnyTaken(subject: StrategySubject): Promise<boolean> {
  if (await subject.isTaken(await subject.readValue())) return true;
  return subject.isTaken(await subject.readValue("AWSPENDING"));
}
