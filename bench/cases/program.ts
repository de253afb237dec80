import { join } from "node:path";
import { type ProgramOptions, runProgram } from "../../engine/program";
import { type BenchCase, type Goal, median, round, spread } from "../case";

const root = join(__dirname, "../..");
const rounds = 3;
/** By default, Pulumi runs a program with ts-node, which checks types, and preloads nothing. */
const pulumisDefault = {
  nodeargs: "",
  environment: { PULUMI_NODEJS_TYPESCRIPT: "true", PULUMI_NODEJS_TRANSPILE_ONLY: "false" },
};

interface Measurement {
  readonly seconds: number;
  readonly mebibytes: number;
}

/** The program from start to finish, as this repository runs it and as Pulumi runs one by default. */
export const programCase: BenchCase = {
  name: "program",
  title: "The Pulumi program in a preview",
  async run(progress) {
    const runs = new Map<string, Measurement[]>();
    const add = async (name: string, measuring: Promise<Measurement>) => {
      runs.set(name, [...(runs.get(name) ?? []), await measuring]);
    };
    for (let number = 1; number <= rounds; number++) {
      progress(`${number} of ${rounds}`);
      for (const stack of ["dev", "prod"]) {
        await add(stack, measure(stack, {}));
        await add(`${stack}, Pulumi's default`, measure(stack, pulumisDefault));
      }
      await add("dev, configuration refused", measure("dev", {}, new Map([["instanceCount", "0"]])));
    }
    const rows = [...runs].map(([name, list]) => [
      name,
      spread(list.map(({ seconds }) => seconds)),
      spread(
        list.map(({ mebibytes }) => mebibytes),
        0,
      ),
    ]);
    const ratio = (stack: string, key: keyof Measurement) => {
      const medianOf = (name: string) => median((runs.get(name) ?? []).map((one) => one[key]));
      return round(medianOf(stack) / medianOf(`${stack}, Pulumi's default`));
    };
    const goals = ["dev", "prod"].flatMap((stack): Goal[] => [
      { text: `${stack}: time ÷ Pulumi's default`, measured: ratio(stack, "seconds"), limit: "at most", value: 0.33 },
      {
        text: `${stack}: memory ÷ Pulumi's default`,
        measured: ratio(stack, "mebibytes"),
        limit: "at most",
        value: 0.4,
      },
    ]);
    return { columns: ["", "time, s", "peak memory, MiB"], rows, goals };
  },
};

async function measure(
  stack: string,
  { environment, ...start }: Pick<ProgramOptions, "nodeargs" | "environment">,
  overrides: ReadonlyMap<string, string> = new Map(),
): Promise<Measurement> {
  const nodeOptions = `--require ${JSON.stringify(join(__dirname, "../report-memory.cjs"))}`;
  const startedAt = performance.now();
  const options = { root, stack, overrides, ...start, environment: { ...environment, NODE_OPTIONS: nodeOptions } };
  const { exitCode, log } = await runProgram(options, "preview");
  const seconds = (performance.now() - startedAt) / 1000;
  const [, kibibytes] = /peak memory: (\d+) KiB/.exec(log) ?? [];
  const isExpected = (exitCode === 0) === (overrides.size === 0);
  if (!isExpected || kibibytes === undefined) throw new Error(`the program ended with ${exitCode}:\n${log}`);
  return { seconds, mebibytes: Number(kibibytes) / 1024 };
}
