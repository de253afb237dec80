import { join } from "node:path";
import { runProgram } from "../local/program";

/**
 * Measures the Pulumi program from start to finish, as this repository runs it and as Pulumi runs one by default, with
 * ts-node checking types. The rounds alternate, so that a busy moment hits both.
 */
const root = join(__dirname, "..");
const rounds = 3;
const most = { time: 1 / 3, memory: 0.4 };

interface Measurement {
  readonly seconds: number;
  readonly mebibytes: number;
}

async function measure(environment: Record<string, string>): Promise<Measurement> {
  const preload = `--require ${JSON.stringify(join(__dirname, "report-memory.cjs"))}`;
  const start = performance.now();
  const { exitCode, log } = await runProgram({
    root,
    stack: "dev",
    environment: { ...environment, NODE_OPTIONS: preload },
  });
  const seconds = (performance.now() - start) / 1000;
  const [, kibibytes] = /peak memory: (\d+) KiB/.exec(log) ?? [];
  if (exitCode !== 0 || kibibytes === undefined) throw new Error(`the program failed:\n${log}`);
  return { seconds, mebibytes: Number(kibibytes) / 1024 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function summarize(title: string, measurements: readonly Measurement[]): Measurement {
  const summary = {
    seconds: median(measurements.map(({ seconds }) => seconds)),
    mebibytes: median(measurements.map(({ mebibytes }) => mebibytes)),
  };
  console.log(`${title}  ${summary.seconds.toFixed(1)} s  ${summary.mebibytes.toFixed(0)} MiB`);
  return summary;
}

async function main(): Promise<boolean> {
  const transpiling: Measurement[] = [];
  const checking: Measurement[] = [];
  for (let round = 0; round < rounds; round++) {
    transpiling.push(await measure({}));
    checking.push(await measure({ PULUMI_NODEJS_TRANSPILE_ONLY: "false" }));
  }
  console.log(`Node ${process.version}, median of ${rounds} rounds`);
  const own = summarize("this repository (transpiles)   ", transpiling);
  const usual = summarize("Pulumi's default (checks types)", checking);
  const time = own.seconds / usual.seconds;
  const memory = own.mebibytes / usual.mebibytes;
  console.log(`time ${(time * 100).toFixed(0)} % (at most 33 %), memory ${(memory * 100).toFixed(0)} % (at most 40 %)`);
  return time <= most.time && memory <= most.memory;
}

void main().then((isWithinLimits) => (process.exitCode = isWithinLimits ? 0 : 1));
