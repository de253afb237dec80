import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import type { LocalFunction } from "../../local/lambda";
import type { RotationStep } from "../../local/secrets-manager";
import { type OpsOptions, type OpsResult, rotationFunction, runOps } from "./ops";
import { type SecretsManagerForTests, secretsManagerForTests } from "./secrets-manager";

export interface SecretForOps {
  readonly SecretId: string;
  /** Runs a command on the secret at the local endpoint. */
  ops(args: readonly string[], options?: OpsOptions): Promise<OpsResult>;
  labels(): Promise<Record<string, string>>;
  whenRotated(): Promise<void>;
}

export interface OpsEndpoint {
  readonly endpoint: SecretsManagerForTests;
  /** How many milliseconds the endpoint's clock is behind. 0 again before each test. */
  agoMs: number;
  /** A rotation function that fails at setSecret. */
  failingFunction(): LocalFunction;
  /** A secret that has been rotated once, by a function that then awaits `beforeStep` before each step. */
  createRotatedSecret(beforeStep?: (step: RotationStep) => Promise<unknown>): Promise<SecretForOps>;
  /** The same, whose next rotation waits until it may go on. */
  createHeldSecret(): Promise<{ secret: SecretForOps; goOn: () => void }>;
  /** A secret whose last rotation began this long ago, failed at setSecret, and left AWSPENDING behind. */
  createStuckSecret(beganAgoMs: number): Promise<SecretForOps>;
  secretForOps(SecretId: string): SecretForOps;
}

/** An endpoint for the tests of one file; a rotation that fails is tried once. */
export function opsEndpoint(): OpsEndpoint {
  const state = { agoMs: 0 };
  const endpoint = secretsManagerForTests({ now: () => new Date(Date.now() - state.agoMs), rotationAttempts: 1 });
  beforeEach(() => {
    state.agoMs = 0;
  });

  const secretForOps = (SecretId: string): SecretForOps => ({
    SecretId,
    ops: (args, options) =>
      runOps([...args, "--secret-id", SecretId, "--endpoint-url", endpoint.server.endpointUrl], options),
    async labels() {
      const { VersionIdsToStages = {} } = await endpoint.client.describeSecret({ SecretId });
      const labels = Object.entries(VersionIdsToStages).flatMap(([id, stages]) => stages.map((stage) => [stage, id]));
      return Object.fromEntries(labels) as Record<string, string>;
    },
    async whenRotated() {
      await endpoint.server.whenRotated(SecretId);
    },
  });

  const rotate = async (SecretId: string, RotationLambdaARN: string) => {
    const RotationRules = { ScheduleExpression: "rate(30 days)", Duration: "3h" };
    await endpoint.client.rotateSecret({ SecretId, RotationLambdaARN, RotationRules });
    return endpoint.server.whenRotated(SecretId);
  };

  const failingFunction = () =>
    rotationFunction(endpoint, (step) =>
      step === "setSecret" ? Promise.reject(new Error("never")) : Promise.resolve(),
    );

  const createRotatedSecret: OpsEndpoint["createRotatedSecret"] = async (beforeStep) => {
    const { SecretId } = await endpoint.createSecret("example-password-1");
    assert((await rotate(SecretId, rotationFunction(endpoint).arn)).succeeded);
    rotationFunction(endpoint, beforeStep);
    return secretForOps(SecretId);
  };

  return {
    endpoint,
    failingFunction,
    get agoMs() {
      return state.agoMs;
    },
    set agoMs(ms) {
      state.agoMs = ms;
    },
    secretForOps,
    createRotatedSecret,
    async createHeldSecret() {
      const gate = new EventEmitter();
      const opened = once(gate, "open");
      const secret = await createRotatedSecret(() => opened);
      return { secret, goOn: () => gate.emit("open") };
    },
    async createStuckSecret(beganAgoMs) {
      const { SecretId } = await endpoint.createSecret("example-password-1");
      state.agoMs = beganAgoMs;
      const fn = failingFunction();
      assert(!(await rotate(SecretId, fn.arn)).succeeded);
      state.agoMs = 0;
      rotationFunction(endpoint);
      return secretForOps(SecretId);
    },
  };
}
