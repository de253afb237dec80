import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { InvocationResult, LocalFunction } from "../lambda";
import type { SecretsManagerEvent } from "./events";
import { currentStage, pendingStage, type Secret } from "./secret";

export type RotationStep = "createSecret" | "setSecret" | "testSecret" | "finishSecret";

/** One step of a rotation, after it ended. */
export interface StepReport {
  readonly secretArn: string;
  readonly step: RotationStep;
  /** The rotation's ClientRequestToken, which is the new version's id. */
  readonly token: string;
  readonly durationMs: number;
  /** The function's error, "type: message", when the step failed. */
  readonly error?: string;
}

export interface RotationOutcome {
  readonly succeeded: boolean;
  readonly versionId: string;
  readonly error?: string;
}

export interface RotatorOptions {
  readonly now: () => Date;
  readonly rotationAttempts: number;
  readonly onStep: (report: StepReport) => void;
  readonly onEvent: (event: SecretsManagerEvent) => void;
}

const rotationSteps: readonly RotationStep[] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/**
 * AWS does not document how long it waits before it retries a rotation; this is long enough for the failed one to
 * settle.
 */
const retryDelayMs = 100;

class AbandonedError extends Error {}

/** Drives the steps of rotations that RotateSecret has started. */
export class Rotator {
  readonly #options: RotatorOptions;
  readonly #outcomes = new Map<Secret, Promise<RotationOutcome>>();
  #stopped = false;

  constructor(options: RotatorOptions) {
    this.#options = options;
  }

  /** Runs the four steps for the version `token`, which holds AWSPENDING and no value yet. */
  rotate(secret: Secret, fn: LocalFunction, token: string): void {
    this.#outcomes.set(secret, this.#rotate(secret, fn, token));
  }

  /** Runs testSecret only, for the version `token`, which is a copy of the current one. */
  test(secret: Secret, fn: LocalFunction, token: string): void {
    this.#outcomes.set(secret, this.#test(secret, fn, token));
  }

  /** The last rotation's outcome, once none is running; undefined when there never was one. */
  async outcome(secret: Secret): Promise<RotationOutcome | undefined> {
    const pending = this.#outcomes.get(secret);
    const outcome = await pending;
    return pending === this.#outcomes.get(secret) ? outcome : this.outcome(secret);
  }

  /** Begins no further step; does not wait for a running step. */
  stop(): void {
    this.#stopped = true;
  }

  async #rotate(secret: Secret, fn: LocalFunction, token: string): Promise<RotationOutcome> {
    const { now, onEvent, rotationAttempts } = this.#options;
    onEvent({ eventName: "RotationStarted", secretArn: secret.arn });
    let error = await this.#attempt(secret, fn, token);
    for (let attempt = 1; attempt < rotationAttempts && error && !(error instanceof AbandonedError); attempt++) {
      await delay(retryDelayMs);
      error = await this.#attempt(secret, fn, token);
    }
    if (error) {
      const eventName = error instanceof AbandonedError ? "RotationAbandoned" : "RotationFailed";
      onEvent({ eventName, secretArn: secret.arn, errorMessage: error.message });
      return { succeeded: false, versionId: token, error: error.message };
    }
    secret.lastRotatedDate = now();
    removePendingLabel(secret, token);
    onEvent({ eventName: "RotationSucceeded", secretArn: secret.arn });
    return { succeeded: true, versionId: token };
  }

  async #test(secret: Secret, fn: LocalFunction, token: string): Promise<RotationOutcome> {
    const { onEvent } = this.#options;
    onEvent({ eventName: "TestRotationStarted", secretArn: secret.arn });
    const error = await this.#step(secret, fn, { step: "testSecret", token, rotationToken: randomUUID() });
    removePendingLabel(secret, token);
    const succeeded = error === undefined;
    onEvent({
      eventName: succeeded ? "TestRotationSucceeded" : "TestRotationFailed",
      secretArn: secret.arn,
      ...(error && { errorMessage: error.message }),
    });
    return { succeeded, versionId: token, ...(error && { error: error.message }) };
  }

  /** The whole rotation once: a retry begins with createSecret again, with the same token. */
  async #attempt(secret: Secret, fn: LocalFunction, token: string): Promise<Error | undefined> {
    const rotationToken = randomUUID();
    for (const step of rotationSteps) {
      const abandoned = this.#reasonToAbandon(secret, token);
      if (abandoned) return new AbandonedError(abandoned);
      const error = await this.#step(secret, fn, { step, token, rotationToken });
      if (error) return error;
    }
    if (secret.holderOf(currentStage)?.id === token) return undefined;
    return new Error(`finishSecret: version ${token} is not ${currentStage} afterwards`);
  }

  #reasonToAbandon(secret: Secret, token: string): string | undefined {
    if (this.#stopped) return "Secrets Manager was stopped";
    if (secret.deletedDate) return "the secret was marked for deletion";
    if (!secret.rotation?.enabled) return "rotation was cancelled";
    const version = secret.version(token);
    const isCandidate = version && [currentStage, pendingStage].some((stage) => secret.holderOf(stage) === version);
    return isCandidate ? undefined : `version ${token} lost the label ${pendingStage}`;
  }

  async #step(
    secret: Secret,
    fn: LocalFunction,
    { step, token, rotationToken }: { step: RotationStep; token: string; rotationToken: string },
  ): Promise<Error | undefined> {
    const event = { Step: step, SecretId: secret.arn, ClientRequestToken: token, RotationToken: rotationToken };
    const startMs = performance.now();
    const error = await invoke(fn, event);
    const durationMs = performance.now() - startMs;
    this.#options.onStep({ secretArn: secret.arn, step, token, durationMs, ...(error !== undefined && { error }) });
    return error === undefined ? undefined : new Error(`${step}: ${error}`);
  }
}

/** The function's error, "type: message"; undefined when the step succeeded, whatever it answered. */
async function invoke(fn: LocalFunction, event: unknown): Promise<string | undefined> {
  let result: InvocationResult;
  try {
    result = await fn.invoke(event);
  } catch (error) {
    return String(error); // the function was stopped, or its Node cannot run
  }
  return result.functionError && `${result.payload.errorType}: ${result.payload.errorMessage}`;
}

function removePendingLabel(secret: Secret, token: string): void {
  const version = secret.version(token);
  if (version) secret.detach(version, pendingStage);
}
