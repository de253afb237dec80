import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApiKeyStack, type ApiKeyStackOptions, createApiKeyStack } from "../../local/api-key-stack";
import { type ApiService, type ApiServiceOptions, startApiService } from "../../local/api-service";
import { type SecretsManagerServer, startSecretsManager } from "../../local/secrets-manager";
import { holderOf } from "./faults/invariants";
import { assertFailed, beginRotation, invokeStep, removeLabel, runSteps, type Step } from "./rotation";
import { bundleNode } from "./stack";
import type { SecretValue, StrategyUnderTest } from "./strategy-suite";

/** Answers a request instead of the service; true when it did. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => boolean;

interface ApiKeyTestStack extends ApiKeyStack {
  readonly secretsManager: SecretsManagerServer;
  readonly service: ApiService;
  /** The next `times` requests of the line, for example "PUT /key", are answered this way. @default 1 */
  misbehave(line: string, misbehaviour: Misbehaviour, times?: number): void;
  /** Ends every pending misbehaviour. */
  behave(): void;
  /** The key that a label's value holds. */
  readKey(stage?: "AWSCURRENT" | "AWSPENDING" | "AWSPREVIOUS"): Promise<string>;
}

interface ApiKeyTestStackOptions
  extends
    Pick<ApiKeyStackOptions, "bundleFile" | "keySource" | "environment" | "timeoutSeconds">,
    Pick<ApiServiceOptions, "oldKey" | "certificate"> {
  /** Returns the URL through which the function reaches the endpoint and the service. @default their own */
  readonly through?: (url: string) => Promise<string>;
}

let stacks = 0;
const running = new Set<ApiKeyTestStack>();

/** For mocha's root hook: a failed test may have left its stack running. */
export async function stopApiKeyStacks(): Promise<void> {
  await Promise.all([...running].map((stack) => stack.stop()));
}

/** An endpoint, an HTTP service and a secret with its first key, ready to rotate. */
export async function startApiKeyStack(options: ApiKeyTestStackOptions = {}): Promise<ApiKeyTestStack> {
  const waiting: { readonly line: string; readonly misbehaviour: Misbehaviour; left: number }[] = [];
  const intercept = (request: IncomingMessage, response: ServerResponse): boolean => {
    const line = `${request.method ?? ""} ${request.url ?? ""}`;
    const next = waiting.find((one) => one.line === line && one.left > 0);
    if (!next) return false;
    next.left -= 1;
    return next.misbehaviour(request, response);
  };
  const { through = (url: string) => Promise.resolve(url) } = options;
  const started = await startApiService({ ...options, intercept });
  const secretsManager = await startSecretsManager();
  const url = await through(started.url);
  const service = { ...started, url, host: new URL(url).host };
  const environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: await through(secretsManager.endpointUrl),
    ...options.environment,
  };
  const name = `service-${++stacks}`;
  const stack = await createApiKeyStack({
    ...options,
    execPath: bundleNode,
    name,
    secretsManager,
    service,
    environment,
  });
  const testStack: ApiKeyTestStack = {
    ...stack,
    secretsManager,
    service,
    misbehave(line, misbehaviour, times = 1) {
      waiting.push({ line, misbehaviour, left: times });
    },
    behave() {
      waiting.length = 0;
    },
    async readKey(stage) {
      return String((await stack.readValue(stage)).apiKey);
    },
    async stop() {
      running.delete(testStack);
      await Promise.all([stack.stop(), secretsManager.stop(), service.stop()]);
    },
  };
  running.add(testStack);
  return testStack;
}

/** Answers with a status, and optionally headers and a body. */
export function answer(status: number, headers: Record<string, string> = {}, body = ""): Misbehaviour {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
}

/**
 * Starts a stack for the tests of a describe: each leaves a key in force. Calls and requests are those of the test;
 * faults, misbehaviour and an unfinished rotation end with it.
 */
export function apiKeyStackForTests(options: ApiKeyTestStackOptions = {}): () => ApiKeyTestStack {
  let stack: ApiKeyTestStack;
  before(async () => {
    stack = await startApiKeyStack(options);
  });
  beforeEach(() => {
    stack.secretsManager.clearCalls();
    stack.service.clearRequests();
  });
  afterEach(async () => {
    stack.secretsManager.clearFaults();
    stack.behave();
    const pending = await holderOf(stack, "AWSPENDING");
    if (pending !== undefined) await removeLabel(stack, "AWSPENDING", pending);
    assert(stack.service.isValid(await stack.readKey()), "the test left no key in force");
  });
  after(() => stack.stop());
  return () => stack;
}

/** What the service was asked, and what it answered. */
export const requestsOf = ({ service }: ApiKeyTestStack) =>
  service.requests.map(({ line, status }) => `${line} ${status}`);

/** Runs a rotation up to the end of createSecret. */
export async function begin(stack: ApiKeyTestStack): Promise<string> {
  const token = await beginRotation(stack);
  await runSteps(stack, token, ["createSecret"]);
  return token;
}

/** The step fails this way, and AWSCURRENT and its key stay in force. */
export async function assertOldKeyStays(
  stack: ApiKeyTestStack,
  token: string,
  step: Step,
  [errorType, message]: readonly [string, RegExp],
): Promise<void> {
  const key = await stack.readKey();
  const { errorMessage } = assertFailed(await invokeStep(stack, step, token), errorType, message);
  assert.equal(await stack.readKey(), key);
  assert(stack.service.isValid(key));
  assert(!errorMessage.includes(key));
}

/** For the strategy suite. */
export function apiKeyStrategy(
  options: ApiKeyTestStackOptions & { readonly oldKey: "ends" | "stays" },
): StrategyUnderTest {
  return {
    name: `api-key (made by the ${options.keySource ?? "function"}; the old one ${options.oldKey})`,
    oldCredential: options.oldKey,
    async start(through) {
      const stack = await startApiKeyStack({ ...options, through });
      const keyOf = ({ apiKey }: SecretValue) => String(apiKey);
      return {
        ...stack,
        isTaken: (value) => Promise.resolve(stack.service.isValid(keyOf(value))),
        secretPartOf: keyOf,
        leadingTo: (port) => ({ host: `127.0.0.1:${port}` }),
        serverLog: () => "",
      };
    },
  };
}
