import { writeBundles } from "../../bundle";
import { helpText, parseDemoArguments, UsageError, type DemoArguments } from "./arguments";
import { Cleanup } from "./cleanup";
import { Progress } from "./progress";
import { allKept, formatJson, type StrategyReport } from "./report";
import { Screen } from "./screen";
import { startServers } from "./servers";
import { runStrategy } from "./strategy-run";
import { writeSummary } from "./summary";

/** What the command is run with: a terminal, or a test. */
export interface DemoEnvironment {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly hasColors: boolean;
  /** Called before anything is started; stop() ends what runs, and silences what is still to come. */
  readonly onStart?: (stop: () => Promise<void>) => void;
  /** The functions' bundle. @default what is built here and now */
  readonly bundleFile?: string;
}

/** The whole command. @returns its exit status: 0, 1 (a promise broke, or nothing runs here), 2 (wrong options) */
export async function runDemo(args: readonly string[], environment: DemoEnvironment): Promise<number> {
  let parsed: DemoArguments;
  try {
    parsed = parseDemoArguments(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    environment.writeError(`${error.message}\nnpm run demo -- --help tells the options\n`);
    return 2;
  }
  if (parsed.help) {
    environment.write(helpText);
    return 0;
  }
  // With --json nothing is shown, and yet written: this output is one of the logs that are searched.
  const screen = new Screen(parsed.json ? () => undefined : environment.write, environment.hasColors);
  const cleanup = new Cleanup();
  environment.onStart?.(() => {
    screen.close();
    return cleanup.close();
  });
  try {
    const reports = await rotateAll(parsed, screen, cleanup, environment.bundleFile);
    if (parsed.json) environment.write(formatJson(reports));
    else writeSummary(screen, reports);
    return allKept(reports) ? 0 : 1;
  } finally {
    await cleanup.close();
  }
}

async function rotateAll(
  { strategies, rotations }: DemoArguments,
  screen: Screen,
  cleanup: Cleanup,
  bundleFile: string | undefined,
): Promise<readonly StrategyReport[]> {
  const progress = new Progress(screen);
  const startMs = performance.now();
  writeBundles(); // never an old one
  const servers = await startServers(cleanup, (report) => {
    progress.step(report);
  });
  progress.serversStarted(servers.postgres.version, performance.now() - startMs);
  const reports: StrategyReport[] = [];
  for (const strategy of strategies) {
    const options = { servers, strategy, rotations, progress, cleanup };
    reports.push(await runStrategy({ ...options, ...(bundleFile !== undefined && { bundleFile }) }));
  }
  return reports;
}
