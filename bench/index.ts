import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeBundles } from "../bundle";
import { readOneOf, runCommand } from "../command-line";
import { type BenchCase, type BenchReport, isReached } from "./case";
import { coldStartCase } from "./cases/cold-start";
import { memoryCase } from "./cases/memory";
import { programCase } from "./cases/program";
import { rotationCase } from "./cases/rotation";
import { scaleCase } from "./cases/scale";
import { serviceCase } from "./cases/service";
import { renderMarkdown, renderText } from "./render";

const cases: readonly BenchCase[] = [rotationCase, coldStartCase, memoryCase, serviceCase, scaleCase, programCase];
const names = cases.map(({ name }) => name);
const resultsFile = join(__dirname, "RESULTS.md");

const usage = `npm run bench [-- --only NAME] [--json]

Measures rotation, cold start, memory, service and program, and compares each with the minimum or the usual case. Shows
the median, the minimum and the maximum of interleaved runs. Takes 4 to 9 minutes on 2 cores; run nothing else meanwhile.

--only   one of ${names.join(", ")}; bench/RESULTS.md is then left as it is
--json   prints one JSON object and nothing else

Exit code: 0 every goal is reached, 1 a goal is missed or a run failed, 2 wrong arguments`;

interface Arguments {
  readonly only?: string;
  readonly json?: boolean;
}

function parse(args: string[]): Arguments {
  const { values } = parseArgs({ args, options: { only: { type: "string" }, json: { type: "boolean" } } });
  if (values.only !== undefined) readOneOf("--only", values.only, names);
  return values;
}

async function run({ only, json }: Arguments): Promise<number> {
  await writeBundles();
  const results: BenchReport["results"][number][] = [];
  for (const one of cases.filter(({ name }) => only === undefined || name === only)) {
    const { name, title } = one;
    const progress = (what: string) => {
      process.stderr.write(`${name}: ${what}\n`);
    };
    const result = { name, title, ...(await one.run(progress)) };
    results.push(result);
    if (!json) console.log(renderText(result));
  }
  const report: BenchReport = { machine: describeMachine(), results };
  if (json) console.log(JSON.stringify(report));
  if (only === undefined) writeFileSync(resultsFile, renderMarkdown(report));
  const missed = results.flatMap(({ goals }) => goals).filter((goal) => !isReached(goal)).length;
  if (!json) console.log(missed === 0 ? "Every goal is reached." : `${missed} goals are missed.`);
  return missed === 0 ? 0 : 1;
}

function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${gibibytes} GiB, ${process.platform} ${process.arch}, Node ${process.version}, PostgreSQL 17`;
}

void runCommand(process.argv.slice(2), { usage, parse, run }).then((exitCode) => (process.exitCode = exitCode));
