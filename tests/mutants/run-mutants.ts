import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { readOneOf, runCommand } from "../../command-line";
import type { Mutation } from "./mutation";
import { type TestRun, Workshop } from "./workshop";

const usage = `npm run mutants [-- --only NAME]

Makes one mistake after the other in a copy of this repository, runs the test files that must notice it, and tells which
test did. The mistakes, each with its reason, are in tests/mutants/.

--only NAME   makes this mistake only; may be repeated
--help        prints this

Exit status: 0 when every mistake was noticed or is listed as harmless, 1 when one was not, 2 for a wrong option.
`;

interface MutantsEnvironment {
  readonly mutations: readonly Mutation[];
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** @default a copy of the repository */
  readonly open?: () => Pick<Workshop, "run" | "runTests" | "remove">;
}

/** @returns the exit status */
export function runMutants(args: readonly string[], environment: MutantsEnvironment): Promise<number> {
  const { mutations, write, writeError } = environment;
  const names = mutations.map(({ name }) => name);
  const parse = (given: string[]): readonly Mutation[] => {
    const { values } = parseArgs({ args: given, options: { only: { type: "string", multiple: true } } });
    const selected = values.only?.map((name) => readOneOf("--only", name, names)) ?? names;
    return mutations.filter(({ name }) => selected.includes(name));
  };
  return runCommand(args, { usage, parse, run: (selected) => runAll(selected, environment), write, writeError });
}

async function runAll(selected: readonly Mutation[], environment: MutantsEnvironment): Promise<number> {
  const { write, open = () => new Workshop() } = environment;
  const workshops = Array.from({ length: Math.min(availableParallelism(), selected.length) }, open);
  try {
    const [first] = workshops;
    const tests = [...new Set(selected.flatMap((mutation) => mutation.tests))].sort();
    write(`${tests.length} test files, without a mistake: `);
    const sound = await first?.runTests(tests);
    write(sound?.outcome === "passed" ? "passed\n" : `failed in "${sound?.by ?? ""}"\n`);
    if (sound?.outcome !== "passed") return 1; // tests that fail anyway notice nothing
    const waiting = [...selected];
    const survivors: Mutation[] = [];
    let done = 0;
    const work = async (workshop: Pick<Workshop, "run">): Promise<void> => {
      for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
        const run = await workshop.run(mutation);
        write(`${`${++done}/${selected.length}`.padStart(7)}  ${row(mutation, run)}\n`);
        if (run.outcome === "passed" && mutation.harmless === undefined) survivors.push(mutation);
      }
    };
    await Promise.all(workshops.map(work));
    for (const { name, why, file } of survivors) write(`\nNot noticed: ${name} in ${file}. ${why}\n`);
    write(`\n${selected.length} mistakes, ${survivors.length} not noticed\n`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    for (const workshop of workshops) workshop.remove();
  }
}

function row({ name, harmless }: Mutation, run: TestRun): string {
  if (run.outcome === "failed") return `${name.padEnd(32)} noticed by: ${run.by}`;
  return `${name.padEnd(32)} ${harmless === undefined ? "NOT NOTICED" : `harmless: ${harmless}`}`;
}
