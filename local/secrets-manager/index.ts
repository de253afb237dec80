import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { region } from "../aws-account";
import type { LocalFunction } from "../lambda";
import { ApiError } from "./api-error";
import type { SecretsManagerEvent } from "./events";
import { errorOf, Faults, type Fault } from "./faults";
import type { Input } from "./input";
import { cancelRotateSecret, rotateSecret } from "./operations/rotation";
import { deleteSecret, describeSecret, restoreSecret } from "./operations/secrets";
import { createSecret, getSecretValue, putSecretValue } from "./operations/values";
import { listSecretVersionIds, updateSecretVersionStage } from "./operations/versions";
import { ConnectionCut, createApiServer, type ApiRequest } from "./protocol";
import { getRandomPassword } from "./random-password";
import { Rotator, type RotationOutcome, type StepReport } from "./rotator";
import { SecretStore } from "./secret-store";

export type { SecretsManagerEvent } from "./events";
export type { Fault } from "./faults";
export type { RotationOutcome, RotationStep, StepReport } from "./rotator";

export interface SecretsManagerOptions {
  /** Called after each step of a rotation. */
  readonly onStep?: (report: StepReport) => void;
  /** Called with what AWS would send to EventBridge. */
  readonly onEvent?: (event: SecretsManagerEvent) => void;
  /** How often a failing rotation is run in total, with the same token. @default 3 */
  readonly rotationAttempts?: number;
  /** @default the machine's clock */
  readonly now?: () => Date;
}

/** One received API call, whatever its result. */
export interface ApiCall {
  readonly operation: string;
  /** The request's SecretId as it was sent: a name or an ARN. */
  readonly secretId?: string;
  /** The caller's access key id; a LocalFunction's is its name. */
  readonly source?: string;
}

/** The Secrets Manager endpoint, in memory, for the unmodified AWS SDK (AWS_ENDPOINT_URL_SECRETS_MANAGER). */
export interface SecretsManagerServer {
  /** For example "http://127.0.0.1:40123". */
  readonly endpointUrl: string;
  readonly region: typeof region;
  /** Every call received since the start or the last clearCalls(), in order. */
  readonly calls: readonly ApiCall[];
  clearCalls(): void;
  /** Allows RotateSecret to invoke the function, by its ARN. */
  registerFunction(fn: LocalFunction): void;
  /**
   * Waits until no rotation of the secret is running, and returns how the last one ended.
   *
   * @throws Error when the secret does not exist, or was never rotated
   */
  whenRotated(secretId: string): Promise<RotationOutcome>;
  inject(fault: Fault): void;
  clearFaults(): void;
  /** Closes every connection and begins no further step of a rotation. */
  stop(): Promise<void>;
}

/** Starts the endpoint on a free port of 127.0.0.1. */
export async function startSecretsManager(options: SecretsManagerOptions = {}): Promise<SecretsManagerServer> {
  const { onStep = () => undefined, onEvent = () => undefined, rotationAttempts = 3, now = () => new Date() } = options;
  const store = new SecretStore(now, (secret, versionId) => {
    onEvent({ eventName: "Secret Label Updated", secretArn: secret.arn, labelUpdated: "AWSCURRENT", versionId });
  });
  const rotator = new Rotator({ now, onStep, onEvent, rotationAttempts });
  const functions = new Map<string, LocalFunction>();
  const faults = new Faults();
  const operations = operationsOf(store, rotator, functions);
  const calls: ApiCall[] = [];

  const server = createApiServer(async ({ operation, input, source }: ApiRequest) => {
    const secretId = input.optionalString("SecretId");
    calls.push({ operation, ...(secretId !== undefined && { secretId }), ...(source !== undefined && { source }) });
    await suffer(faults.take(operation));
    const run = operations.get(operation);
    if (!run) throw new ApiError("UnknownOperationException", `The local endpoint does not know ${operation}.`);
    return run(input);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    endpointUrl: `http://127.0.0.1:${port}`,
    region,
    calls,
    clearCalls: () => void calls.splice(0),
    registerFunction: (fn) => void functions.set(fn.arn, fn),
    async whenRotated(secretId) {
      const outcome = await rotator.outcome(store.find(secretId));
      if (!outcome) throw new Error(`${secretId}: this secret was never rotated`);
      return outcome;
    },
    inject(fault) {
      faults.inject(fault);
    },
    clearFaults() {
      faults.clear();
    },
    async stop() {
      rotator.stop();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve(); // already closed: stopping twice is not an error
        });
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

function operationsOf(store: SecretStore, rotator: Rotator, functions: ReadonlyMap<string, LocalFunction>) {
  return new Map<string, (input: Input) => object>([
    ["CancelRotateSecret", (input) => cancelRotateSecret(store, input)],
    ["CreateSecret", (input) => createSecret(store, input)],
    ["DeleteSecret", (input) => deleteSecret(store, input)],
    ["DescribeSecret", (input) => describeSecret(store, input)],
    ["GetRandomPassword", getRandomPassword],
    ["GetSecretValue", (input) => getSecretValue(store, input)],
    ["ListSecretVersionIds", (input) => listSecretVersionIds(store, input)],
    ["PutSecretValue", (input) => putSecretValue(store, input)],
    ["RestoreSecret", (input) => restoreSecret(store, input)],
    ["RotateSecret", (input) => rotateSecret(store, rotator, functions, input)],
    ["UpdateSecretVersionStage", (input) => updateSecretVersionStage(store, input)],
  ]);
}

async function suffer(fault: Fault | undefined): Promise<void> {
  if (!fault) return;
  if (fault.delayMs !== undefined) await delay(fault.delayMs, undefined, { ref: false }); // stop() must not wait
  if (fault.down) throw new ConnectionCut();
  if (fault.error !== undefined) throw errorOf(fault.error);
}
