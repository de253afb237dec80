import { createApiKeyStack } from "../local/api-key-stack";
import { startApiService, type ApiService } from "../local/api-service";
import type { RotatingSecret } from "../local/rotating-secret";
import type { Cleanup } from "./cleanup";
import { type LogPart, searchLogs } from "./log-search";
import type { Progress } from "./progress";
import { budgets, type PromiseName, PromiseKeeper, promiseTexts, shortPromiseTexts } from "./promises";
import type { RotationReport, StrategyReport } from "./report";
import { startEndpoint, type Endpoint } from "./servers";
import { markerOf, shortVersion } from "./version";
import { logOf, observed } from "./watched-stack";

export interface ApiKeyRunOptions {
  readonly rotations: number;
  readonly progress: Progress;
  readonly cleanup: Cleanup;
  /** @default the built one */
  readonly bundleFile?: string;
}

const strategy = "api-key";

/** Rotates the key of an HTTP service repeatedly, and tests every promise after each rotation. */
export async function runApiKey({
  rotations,
  progress,
  cleanup,
  bundleFile,
}: ApiKeyRunOptions): Promise<StrategyReport> {
  const startMs = performance.now();
  const [endpoint, service] = await Promise.all([
    startEndpoint(cleanup),
    startApiService().then((started) => cleanup.add(started)),
  ]);
  progress.serversStarted("An HTTP service", performance.now() - startMs);
  progress.strategyStarted(strategy);
  const { secretsManager } = endpoint;
  const stack = await cleanup.add(
    await createApiKeyStack({ secretsManager, service, name: "demo", ...(bundleFile !== undefined && { bundleFile }) }),
  );
  const run = new ApiKeyRun(endpoint, service, stack, progress);
  const reports: RotationReport[] = [];
  for (let number = 1; number <= rotations; number++) {
    progress.rotationStarted(`rotation ${number}/${rotations}`);
    const report = await run.rotate(number);
    progress.rotationEnded();
    if (!report) break; // Secrets Manager refuses another rotation until this one is repaired
    reports.push(report);
  }
  await stack.stop();
  await run.end();
  return { strategy, users: 1, rotations: reports, load: undefined, promises: run.promises, search: run.search };
}

class ApiKeyRun {
  readonly promises = new PromiseKeeper(strategy);
  /** Text that no log may hold → what it is. */
  readonly #secrets = new Map<string, string>();
  readonly #logs: readonly LogPart[];
  #key: string;
  #where = "";
  #versionId = "";

  constructor(
    private readonly endpoint: Endpoint,
    private readonly service: ApiService,
    private readonly stack: RotatingSecret,
    private readonly progress: Progress,
  ) {
    this.#key = service.firstKey;
    this.#secrets.set(this.#key, "first key");
    this.#logs = [endpoint.secretsManagerLog, logOf(stack.rotateFunction, markerOf), progress.screen];
    const noteToken = (token: string): void => void this.#secrets.set(token, "token of a rotation");
    endpoint.secretsManager.registerFunction(observed(stack.rotateFunction, noteToken));
  }

  /** How many secrets were searched for, and where. */
  get search(): StrategyReport["search"] {
    return { secrets: this.#secrets.size, logs: this.#logs.length };
  }

  /** @returns undefined when the rotation failed */
  async rotate(number: number): Promise<RotationReport | undefined> {
    const { secretsManager } = this.endpoint;
    this.#where = `${strategy}, rotation ${number}`;
    const called = secretsManager.calls.length;
    const requested = this.service.requests.length;
    const unwatch = this.endpoint.watchSteps((report) => {
      this.progress.step(report);
    });
    const startMs = performance.now();
    const { succeeded, versionId, error = "" } = await this.stack.rotate();
    const durationMs = performance.now() - startMs;
    unwatch();
    const calls = secretsManager.calls.slice(called).filter(({ source }) => source === this.stack.rotateFunction.name);
    const requests = this.service.requests.slice(requested);
    const failedLogins = requests.filter(({ status }) => status >= 400).length;
    const report = { durationMs, secretsManagerCalls: calls.length, logins: requests.length, failedLogins };
    this.#versionId = versionId;

    this.promises.check("rotates", succeeded, `${this.#where}: ${error}`);
    if (succeeded) {
      this.progress.rotationSucceeded(durationMs);
      this.#checkCost(report);
      await this.#checkKeys();
    } else {
      this.progress.rotationFailed(error);
      const candidate = await this.stack.readValue("AWSPENDING").catch(() => undefined); // if it got that far
      if (candidate) this.#secrets.set(String(candidate.apiKey), `key of version ${shortVersion(versionId)}`);
    }
    await this.stack.rotateFunction.invoke({ Step: markerOf(versionId) }); // makes it log an error about this step
    this.#prove("nothingLeaks", await this.#findLeaks());
    return succeeded ? report : undefined;
  }

  /** Searches once more, when the function has stopped and all logs are complete. */
  async end(): Promise<void> {
    const leaks = await this.#findLeaks();
    this.promises.check("nothingLeaks", leaks === "", `${this.#where}, at the end: ${leaks}`);
  }

  #checkCost({ secretsManagerCalls, logins, failedLogins }: RotationReport): void {
    const budget = budgets[strategy];
    const kept = secretsManagerCalls <= budget.secretsManagerCalls && logins <= budget.logins && failedLogins === 0;
    const cost = `${secretsManagerCalls} Secrets Manager calls, ${logins} requests and ${failedLogins} failed requests`;
    this.promises.check("costsLittle", kept, `${this.#where}: ${cost}`);
    this.progress.proof(kept, `${secretsManagerCalls} calls, ${logins} requests, ${failedLogins} failed`);
  }

  async #checkKeys(): Promise<void> {
    const former = this.#key;
    this.#key = String((await this.stack.readValue()).apiKey);
    this.#secrets.set(this.#key, `key of version ${shortVersion(this.#versionId)}`);
    this.#prove("newIsTaken", (await this.#isTaken(this.#key)) ? "" : "the service refuses it");
    this.#prove("oldIsNotTaken", (await this.#isTaken(former)) ? "the service still takes it" : "");
  }

  async #isTaken(key: string): Promise<boolean> {
    const response = await fetch(`${this.service.url}/account`, { headers: { authorization: `Bearer ${key}` } });
    await response.arrayBuffer();
    return response.ok;
  }

  /** @returns "" when no log holds a secret and the search proved that it would have found one */
  async #findLeaks(): Promise<string> {
    const { findings, unproven } = await searchLogs(this.#logs, this.#secrets, this.#versionId);
    return [...findings, ...unproven.map((name) => `${name} cannot be searched`)].join("; ");
  }

  /** @param fault what is wrong; "" when the promise was kept */
  #prove(name: PromiseName & keyof typeof shortPromiseTexts, fault: string): void {
    this.promises.check(name, fault === "", `${this.#where}: ${promiseTexts[name]}? ${fault}`);
    this.progress.proof(fault === "", shortPromiseTexts[name]);
  }
}
