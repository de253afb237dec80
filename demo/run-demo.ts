import { InvalidRequestException } from "@aws-sdk/client-secrets-manager";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeBundles } from "../bundle";
import { runCommand } from "../command-line";
import type { RotationStrategy } from "../local/stack";
import { formatReport } from "./report/page";
import { helpText, parseDemoArguments, type DemoArguments } from "./arguments";
import { Cleanup } from "./cleanup";
import { Progress } from "./progress";
import { allKept, formatJson, type StrategyReport } from "./report";
import { Screen } from "./screen";
import { startServers, type Servers } from "./servers";
import { startTodoService } from "./services";
import { runApiKey, runStrategy, type StrategyRunOptions } from "./strategy-run";
import { writeSummary } from "./summary";
import { startWatchedStack } from "./watched-stack";

const reportFile = "demo-report.html";
const pauseMs = 2_500;
const quickPauseMs = 800;
const rotateEveryMs = 5_000;

/** The command's environment: a terminal, or a test. */
export interface DemoEnvironment {
  readonly write: (text: string) => void;
  /** Where the report is written. */
  readonly folder: string;
  readonly writeError: (text: string) => void;
  readonly hasColors: boolean;
  /** Whether a line can be overwritten. */
  readonly isTerminal: boolean;
  /** Called before anything is started; stop() ends what runs, and silences later output. */
  readonly onStart?: (stop: () => Promise<void>) => void;
  /** The functions' bundle. @default built now */
  readonly bundleFile?: string;
  /** The program started as the todo service, as Node's arguments. @default built now */
  readonly todoAppProgram?: readonly string[];
}

/** The whole command. @returns its exit status: 0, 1 (a promise broke, or nothing runs here), 2 (wrong options) */
export function runDemo(args: readonly string[], environment: DemoEnvironment): Promise<number> {
  return runCommand(args, {
    ...environment,
    usage: helpText,
    hint: "npm run demo -- --help lists the options\n",
    parse: parseDemoArguments,
    run: (parsed) => run(parsed, environment),
  });
}

async function run(parsed: DemoArguments, environment: DemoEnvironment): Promise<number> {
  const { write, isTerminal, hasColors } = environment;
  // With --json nothing is shown, but it is still written: this output is one of the searched logs.
  const screen = new Screen(parsed.json ? () => undefined : write, hasColors, isTerminal);
  const cleanup = new Cleanup();
  environment.onStart?.(() => {
    screen.close();
    return cleanup.close();
  });
  try {
    const strategies = parsed.strategies.filter((strategy) => strategy !== "api-key");
    if (strategies.length > 0) await checkPort(parsed.port);
    // Never outdated ones; an API key has no todo service.
    if (environment.bundleFile === undefined) await writeBundles(strategies.length > 0 ? undefined : ["rotation-fn"]);
    const progress = new Progress(screen);
    const options = { ...parsed, ...environment, cleanup, progress, pauseMs: parsed.quick ? quickPauseMs : pauseMs };
    if (strategies.length === 0) {
      const reports = [await runApiKey(options)];
      tell(reports, parsed, environment, screen);
      return allKept(reports) ? 0 : 1;
    }
    const startMs = performance.now();
    const servers = await startServers(cleanup);
    progress.serversStarted(`PostgreSQL ${servers.postgres.version}`, performance.now() - startMs);
    const reports: StrategyReport[] = [];
    for (const strategy of strategies) reports.push(await runStrategy(servers, strategy, options));
    tell(reports, parsed, environment, screen);
    const [keptStrategy] = strategies;
    if (parsed.keep && keptStrategy) await keepRotating(servers, keptStrategy, options);
    return allKept(reports) ? 0 : 1;
  } finally {
    await cleanup.close();
  }
}

/**
 * Checks, before anything is started, that the todo service can listen on the port.
 *
 * @throws Error that says what to do
 */
async function checkPort(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    const { code = "an error" } = error as NodeJS.ErrnoException;
    throw new Error(`--port: received ${port}, which cannot be used (${code}); accepted is a free port, or 0 for any`, {
      cause: error,
    });
  }
  server.close();
  await once(server, "close");
}

function tell(
  reports: readonly StrategyReport[],
  { json }: DemoArguments,
  { write, folder }: DemoEnvironment,
  screen: Screen,
): void {
  const seen = reports.flatMap(({ strategy, load }) => (load && strategy !== "api-key" ? [{ strategy, load }] : []));
  const isDrawn = reports.some(({ strategy }) => strategy !== "api-key");
  if (isDrawn) writeFileSync(join(folder, reportFile), formatReport(seen));
  if (json) write(formatJson(reports));
  else writeSummary(screen, reports, isDrawn ? reportFile : undefined);
}

/** The todo service on a new database, with a rotation every few seconds, until the process is stopped. */
async function keepRotating(servers: Servers, strategy: RotationStrategy, options: StrategyRunOptions): Promise<never> {
  const { progress } = options;
  const watched = await startWatchedStack(servers, strategy, { ...options, name: "page" });
  const { url } = await startTodoService(servers, watched, options);
  await watched.stack.rotate(); // from here on the operator's commands find rotation set up
  const { endpointUrl } = servers.secretsManager;
  progress.keeping(strategy, url, { endpointUrl, secretId: watched.stack.secretArn });
  servers.watchSteps((report) => {
    progress.step(report);
  });
  for (let number = 1; ; number++) {
    await sleep(rotateEveryMs);
    progress.rotationStarted(`rotation ${number}`);
    const startMs = performance.now();
    const { error } = await watched.stack.rotate().catch((reason: unknown) => {
      // The user at the second terminal may have started a rotation, or may have a stuck one to repair.
      if (reason instanceof InvalidRequestException) return { error: reason.message };
      throw reason;
    });
    if (error === undefined) progress.rotationSucceeded(performance.now() - startMs);
    else progress.rotationFailed(error);
    progress.rotationEnded();
  }
}
