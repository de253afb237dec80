import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeBundles } from "../bundle";
import { runCommand } from "../command-line";
import { formatReport } from "./report/page";
import { runApiKey } from "./api-key-run";
import { helpText, parseDemoArguments, type DemoArguments } from "./arguments";
import { Cleanup } from "./cleanup";
import { keepRotating } from "./keep";
import { checkPort } from "./port";
import { Progress } from "./progress";
import { allKept, formatJson, type StrategyReport } from "./report";
import { Screen } from "./screen";
import { startServers } from "./servers";
import { runStrategy } from "./strategy-run";
import { writeSummary } from "./summary";

const reportFile = "demo-report.html";
const pauseMs = 2_500;
const quickPauseMs = 800;

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
    if (environment.bundleFile === undefined) await writeBundles(); // never outdated ones
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
    for (const strategy of strategies) reports.push(await runStrategy({ ...options, servers, strategy }));
    tell(reports, parsed, environment, screen);
    const [keptStrategy] = strategies;
    if (parsed.keep && keptStrategy) await keepRotating(servers, keptStrategy, progress, options);
    return allKept(reports) ? 0 : 1;
  } finally {
    await cleanup.close();
  }
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
