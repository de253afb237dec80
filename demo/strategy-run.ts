import type { RotationStrategy } from "../local/stack";
import type { Cleanup } from "./cleanup";
import type { CredentialHistory } from "./credential-history";
import { figuresOfClient, runUnderLoad, type LoadReport } from "./load-run";
import { LoadTable } from "./load-table";
import { searchLogs, type LogPart } from "./log-search";
import { logsIn, type Credential } from "./login";
import type { Progress } from "./progress";
import { budgets, PromiseKeeper, promiseTexts, shortPromiseTexts } from "./promises";
import type { RotationReport, StrategyReport } from "./report";
import type { Servers } from "./servers";
import { startServices } from "./services";
import { startWatchedStack, type WatchedStack, type WatchedUser } from "./watched-stack";

export interface StrategyRunOptions {
  readonly servers: Servers;
  readonly strategy: RotationStrategy;
  readonly rotations: number;
  /** @default 1 */
  readonly users?: number;
  readonly progress: Progress;
  readonly cleanup: Cleanup;
  /** Where the todo service listens; 0 is any free port. */
  readonly port: number;
  /** Between two rotations under load. */
  readonly pauseMs: number;
  /** @default the built one */
  readonly bundleFile?: string;
  /** The program started as the todo service. @default the built bundle */
  readonly todoAppProgram?: readonly string[];
}

/** The bundle's application name in PostgreSQL. */
const functionApplicationName = "todo-rotation";

/** Rotates one strategy's credential repeatedly, and tests every promise after each rotation. */
export async function runStrategy(options: StrategyRunOptions): Promise<StrategyReport> {
  const { servers, strategy, rotations, progress } = options;
  progress.strategyStarted(strategy);
  const startMs = performance.now();
  const watched = await startWatchedStack(servers, strategy, options);
  progress.bootstrapped(performance.now() - startMs, watched.users);
  const run = new StrategyRun(servers, watched, progress);
  const reports: RotationReport[] = [];
  const turns = Array.from({ length: rotations }, (_, i) =>
    watched.users.map((user) => ({ number: i + 1, user })),
  ).flat();
  for (const { number, user } of turns) {
    const [own] = watched.users;
    progress.rotationStarted(user === own ? `rotation ${number}/${rotations}` : `  ${user.access}`);
    const report = await run.rotate(number, user);
    progress.rotationEnded();
    if (!report) break; // Secrets Manager refuses another rotation until this one is repaired
    reports.push(report);
  }
  // If a promise is already broken without load, skip the load.
  const load = run.promises.complaints().length === 0 ? await run.underLoad(options) : undefined;
  await run.end();
  return {
    strategy,
    users: watched.users.length,
    rotations: reports,
    load,
    promises: run.promises,
    search: run.search,
  };
}

class StrategyRun {
  readonly promises: PromiseKeeper;
  #where = "";
  #versionId = "";
  #serviceLogs: readonly LogPart[] = [];

  constructor(
    private readonly servers: Servers,
    private readonly watched: WatchedStack,
    private readonly progress: Progress,
  ) {
    this.promises = new PromiseKeeper(watched.stack.strategy);
  }

  /** @returns undefined when the rotation failed */
  async rotate(number: number, { name, secret, history }: WatchedUser): Promise<RotationReport | undefined> {
    const { stack, users } = this.watched;
    this.#where = `${stack.strategy}, rotation ${number}${users.length > 1 ? ` of ${name}` : ""}`;
    const { postgresLog, secretsManager } = this.servers;
    const logged = await postgresLog.length();
    const called = secretsManager.calls.length;
    const unwatch = this.servers.watchSteps((report) => {
      this.progress.step(report);
    });
    const startMs = performance.now();
    const { succeeded, versionId, error = "" } = await secret.rotate();
    const durationMs = performance.now() - startMs;
    unwatch();
    const calls = secretsManager.calls.slice(called).filter(({ source }) => source === stack.rotateFunction.name);
    const logins = await postgresLog.countLogins(logged, functionApplicationName);
    const report = { durationMs, secretsManagerCalls: calls.length, ...logins };
    this.#versionId = versionId;

    this.promises.check("rotates", succeeded, `${this.#where}: ${error}`);
    if (succeeded) {
      this.progress.rotationSucceeded(durationMs);
      this.#checkCost(report);
      await history.readCurrent(versionId);
      await this.#checkCredentials(history);
    } else {
      this.progress.rotationFailed(error);
      await history.readPending(versionId);
    }
    await this.watched.plantMarkers(versionId);
    this.#prove("nothingLeaks", await this.#findLeaks());
    return succeeded ? report : undefined;
  }

  /** Rotates as many times again while three services answer requests, then stops the services. */
  async underLoad(options: StrategyRunOptions): Promise<LoadReport> {
    this.#where = `${this.promises.strategy}, under load`;
    const services = await startServices(this.servers, this.watched, options);
    const table = new LoadTable(this.progress.screen);
    table.begin(services[0]?.url ?? "");
    const { rotations, pauseMs } = options;
    const load = await runUnderLoad({
      servers: this.servers,
      watched: this.watched,
      services,
      rotations,
      pauseMs,
      table,
    });
    await Promise.all(services.map((service) => service.stop()));
    this.#serviceLogs = services.map(({ log }) => log);
    this.promises.check("rotates", load.error === undefined, `${this.#where}: ${load.error ?? ""}`);
    const { requests, failedRequests } = figuresOfClient(load, "todo-app");
    const served = `${failedRequests} of ${requests} requests of the todo service failed`;
    this.promises.check("servesAll", requests > 0 && failedRequests === 0, `${this.#where}: ${served}`);
    return load;
  }

  /** Stops the functions and searches once more, when all logs are complete. */
  async end(): Promise<void> {
    await this.watched.stack.stop();
    const leaks = await this.#findLeaks();
    this.promises.check("nothingLeaks", leaks === "", `${this.#where}, at the end: ${leaks}`);
  }

  /** How many secrets were searched for, and where. */
  get search(): StrategyReport["search"] {
    return { secrets: this.watched.secrets.size, logs: this.#logs.length };
  }

  get #logs(): readonly LogPart[] {
    return [...this.watched.logs, ...this.#serviceLogs, this.progress.screen];
  }

  #checkCost({ secretsManagerCalls, logins, failedLogins }: RotationReport): void {
    const budget = budgets[this.promises.strategy];
    const kept = secretsManagerCalls <= budget.secretsManagerCalls && logins <= budget.logins && failedLogins === 0;
    const cost = `${secretsManagerCalls} Secrets Manager calls, ${logins} logins and ${failedLogins} failed logins`;
    this.promises.check("costsLittle", kept, `${this.#where}: ${cost}`);
    this.progress.proof(kept, `${secretsManagerCalls} calls, ${logins} logins, ${failedLogins} failed`);
  }

  async #checkCredentials(history: CredentialHistory): Promise<void> {
    this.#prove("newLogsIn", (await this.#logsIn(history.before(0))) ? "" : "the server refuses it");
    const oldLogsIn = await this.#logsIn(history.before(1));
    if (this.promises.strategy === "single-user") {
      this.#prove("oldIsRefused", oldLogsIn ? "the server still takes it" : "");
      return;
    }
    // Two rotations ago, the current credential's user had another password.
    const olderLogsIn = await this.#logsIn(history.before(2));
    const fault = olderLogsIn ? "the one before it still logs in" : "the server refuses it";
    this.#prove("oldLogsIn", oldLogsIn && !olderLogsIn ? "" : fault);
  }

  async #logsIn(credential: Credential | undefined): Promise<boolean> {
    return credential !== undefined && logsIn(this.servers.postgres, credential);
  }

  /** @returns "" when no log holds a secret and the search proved that it would have found one */
  async #findLeaks(): Promise<string> {
    const { findings, unproven } = await searchLogs(this.#logs, this.watched.secrets, this.#versionId);
    return [...findings, ...unproven.map((name) => `${name} cannot be searched`)].join("; ");
  }

  /** @param fault what is wrong; "" when the promise was kept */
  #prove(name: keyof typeof shortPromiseTexts, fault: string): void {
    this.promises.check(name, fault === "", `${this.#where}: ${promiseTexts[name]}? ${fault}`);
    this.progress.proof(fault === "", shortPromiseTexts[name]);
  }
}
