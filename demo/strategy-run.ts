import { startApiService } from "../local/api-service";
import type { RotationStrategy } from "../local/stack";
import type { CredentialHistory } from "./credential-history";
import { figuresOfClient, runUnderLoad, type LoadReport } from "./load-run";
import { LoadTable } from "./load-table";
import { searchLogs, type LogPart } from "./log-search";
import type { Progress } from "./progress";
import { budgets, PromiseKeeper, type PromiseName, promiseTexts, shortPromiseTexts } from "./promises";
import type { RotationReport, StrategyReport } from "./report";
import { type Endpoint, type Servers, startEndpoint } from "./servers";
import { type ServiceOptions, startServices } from "./services";
import { startWatchedApiKey } from "./watched-api-key";
import type { WatchedSecrets, WatchedUser } from "./watched-secrets";
import { startWatchedStack, type WatchedStack, type WatchedStackOptions } from "./watched-stack";

export interface StrategyRunOptions extends ServiceOptions, WatchedStackOptions {
  readonly rotations: number;
  readonly progress: Progress;
  /** Between two rotations under load. */
  readonly pauseMs: number;
}

/** Rotates a database credential repeatedly, without load and again under load. */
export async function runStrategy(
  servers: Servers,
  strategy: RotationStrategy,
  options: StrategyRunOptions,
): Promise<StrategyReport> {
  const { progress, rotations } = options;
  progress.strategyStarted(strategy);
  const startMs = performance.now();
  const watched = await startWatchedStack(servers, strategy, options);
  progress.bootstrapped(performance.now() - startMs, watched.users);
  const run = new StrategyRun(servers, watched, progress);
  const reports = await run.rotateAll(rotations);
  // If a promise is already broken without load, skip the load.
  const isBroken = run.promises.complaints().length > 0;
  return run.end(reports, isBroken ? undefined : await run.underLoad(servers, watched, options));
}

export async function runApiKey(options: StrategyRunOptions): Promise<StrategyReport> {
  const { progress, cleanup, rotations } = options;
  const startMs = performance.now();
  const [endpoint, service] = await Promise.all([
    startEndpoint(cleanup),
    startApiService().then((started) => cleanup.add(started)),
  ]);
  progress.serversStarted("An HTTP service", performance.now() - startMs);
  progress.strategyStarted("api-key");
  const run = new StrategyRun(endpoint, await startWatchedApiKey(endpoint, service, options), progress);
  return run.end(await run.rotateAll(rotations), undefined);
}

/** Tests every promise after each rotation. */
class StrategyRun {
  readonly promises: PromiseKeeper;
  #where = "";
  #versionId = "";
  #serviceLogs: readonly LogPart[] = [];

  constructor(
    private readonly endpoint: Endpoint,
    private readonly watched: WatchedSecrets,
    private readonly progress: Progress,
  ) {
    this.promises = new PromiseKeeper(watched.strategy);
  }

  /** Each user in turn, so many times; stops at the first rotation that fails. */
  async rotateAll(rotations: number): Promise<RotationReport[]> {
    const { users } = this.watched;
    const reports: RotationReport[] = [];
    const turns = Array.from({ length: rotations }, (_, i) => users.map((user) => ({ number: i + 1, user }))).flat();
    for (const { number, user } of turns) {
      this.progress.rotationStarted(user === users[0] ? `rotation ${number}/${rotations}` : `  ${user.access}`);
      const report = await this.#rotate(number, user);
      this.progress.rotationEnded();
      if (!report) break; // Secrets Manager refuses another rotation until this one is repaired
      reports.push(report);
    }
    return reports;
  }

  /** Rotates as many times again while three services answer requests, then stops the services. */
  async underLoad(servers: Servers, watched: WatchedStack, options: StrategyRunOptions): Promise<LoadReport> {
    this.#where = `${watched.strategy}, under load`;
    const services = await startServices(servers, watched, options);
    const table = new LoadTable(this.progress.screen);
    table.begin(services[0]?.url ?? "");
    const { rotations, pauseMs } = options;
    const load = await runUnderLoad({ servers, watched, services, rotations, pauseMs, table });
    await Promise.all(services.map((service) => service.stop()));
    this.#serviceLogs = services.map(({ log }) => log);
    this.promises.check("rotates", load.error === undefined, `${this.#where}: ${load.error ?? ""}`);
    const { requests, failedRequests } = figuresOfClient(load, "todo-app");
    const served = `${failedRequests} of ${requests} requests of the todo service failed`;
    this.promises.check("servesAll", requests > 0 && failedRequests === 0, `${this.#where}: ${served}`);
    return load;
  }

  /** Stops the functions and searches once more, when all logs are complete. */
  async end(rotations: readonly RotationReport[], load: LoadReport | undefined): Promise<StrategyReport> {
    await this.watched.stop();
    const leaks = await this.#findLeaks();
    this.promises.check("nothingLeaks", leaks === "", `${this.#where}, at the end: ${leaks}`);
    const { strategy, users, secrets } = this.watched;
    const search = { secrets: secrets.size, logs: this.#logs.length };
    return { strategy, users: users.length, rotations, load, promises: this.promises, search };
  }

  /** @returns undefined when the rotation failed */
  async #rotate(number: number, { name, secret, history }: WatchedUser): Promise<RotationReport | undefined> {
    const { strategy, users, rotateFunction } = this.watched;
    this.#where = `${strategy}, rotation ${number}${users.length > 1 ? ` of ${name}` : ""}`;
    const { secretsManager } = this.endpoint;
    const countLogins = await this.watched.startCounting();
    const called = secretsManager.calls.length;
    const unwatch = this.endpoint.watchSteps((report) => {
      this.progress.step(report);
    });
    const startMs = performance.now();
    const outcome = await secret.rotate();
    const durationMs = performance.now() - startMs;
    unwatch();
    const calls = secretsManager.calls.slice(called).filter(({ source }) => source === rotateFunction.name);
    const report = { durationMs, secretsManagerCalls: calls.length, ...(await countLogins()) };
    const { succeeded, versionId, error = "" } = outcome;
    this.#versionId = versionId;
    await history.readAfter(outcome);

    this.promises.check("rotates", succeeded, `${this.#where}: ${error}`);
    if (succeeded) {
      this.progress.rotationSucceeded(durationMs);
      this.#checkCost(report);
      await this.#checkCredentials(history);
    } else {
      this.progress.rotationFailed(error);
    }
    await this.watched.plantMarkers(versionId);
    this.#prove("nothingLeaks", await this.#findLeaks());
    return succeeded ? report : undefined;
  }

  get #logs(): readonly LogPart[] {
    return [...this.watched.logs, ...this.#serviceLogs, this.progress.screen];
  }

  #checkCost({ secretsManagerCalls, logins, failedLogins }: RotationReport): void {
    const { strategy } = this.watched;
    const budget = budgets[strategy];
    const unit = strategy === "api-key" ? "requests" : "logins";
    const kept = secretsManagerCalls <= budget.secretsManagerCalls && logins <= budget.logins && failedLogins === 0;
    const cost = `${secretsManagerCalls} Secrets Manager calls, ${logins} ${unit} and ${failedLogins} failed ${unit}`;
    this.promises.check("costsLittle", kept, `${this.#where}: ${cost}`);
    this.progress.proof(kept, `${secretsManagerCalls} calls, ${logins} ${unit}, ${failedLogins} failed`);
  }

  async #checkCredentials(history: CredentialHistory): Promise<void> {
    const accepts = async (versionsAgo: number): Promise<boolean> => {
      const value = history.before(versionsAgo);
      return value !== undefined && this.watched.accepts(value);
    };
    const isNewAccepted = await accepts(0);
    const isOldAccepted = await accepts(1);
    if (this.watched.strategy === "api-key") {
      this.#prove("newIsTaken", isNewAccepted ? "" : "the service refuses it");
      this.#prove("oldIsNotTaken", isOldAccepted ? "the service still takes it" : "");
      return;
    }
    this.#prove("newLogsIn", isNewAccepted ? "" : "the server refuses it");
    if (this.watched.strategy === "single-user") {
      this.#prove("oldIsRefused", isOldAccepted ? "the server still takes it" : "");
      return;
    }
    // Two rotations ago, the current credential's user had another password.
    const isOlderAccepted = await accepts(2);
    const fault = isOlderAccepted ? "the one before it still logs in" : "the server refuses it";
    this.#prove("oldLogsIn", isOldAccepted && !isOlderAccepted ? "" : fault);
  }

  /** @returns "" when no log holds a secret and the search proved that it would have found one */
  async #findLeaks(): Promise<string> {
    return (await searchLogs(this.#logs, this.watched.secrets, this.#versionId)).join("; ");
  }

  /** @param fault what is wrong; "" when the promise was kept */
  #prove(name: PromiseName & keyof typeof shortPromiseTexts, fault: string): void {
    this.promises.check(name, fault === "", `${this.#where}: broken promise "${promiseTexts[name]}": ${fault}`);
    this.progress.proof(fault === "", shortPromiseTexts[name]);
  }
}
