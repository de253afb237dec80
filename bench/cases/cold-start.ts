import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BenchCase, type Goal, median, round, spread } from "../case";
import { type Invocation, type MeasuredServers, rotate, startMeasuredStack, withServers } from "../measured-stack";
import { bundles } from "../../bundle";

const rounds = 7;
const root = join(__dirname, "../..");
const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/** What a process's first rotation costs compared with a later one, and how much of that is the bundle. */
export const coldStartCase: BenchCase = {
  name: "cold-start",
  title: "The first rotation of a process",
  async run(progress) {
    const ours = sizes(readFileSync(join(root, bundles["rotation-fn"].outputFile)));
    const usual = sizes(await bundleAsUsual());
    const { cold, warm } = await withServers((servers) => measure(servers, progress));
    const imports = cold.map(([first]) => first?.importMs ?? 0);
    const firstRotations = cold.map(sum);
    const rows = [
      ["bundle, kB: minified, gzip", ours.kilobytes, ours.gzipKilobytes],
      ["esbuild's defaults, kB: as it is, gzip", usual.kilobytes, usual.gzipKilobytes],
      ["import of the bundle, ms", spread(imports), ""],
      ...steps.map((step, index) => [
        `${step}, ms: first, later`,
        spread(cold.map((invocations) => invocations[index]?.handlerMs ?? 0)),
        spread(warm.map((invocations) => invocations[index]?.handlerMs ?? 0)),
      ]),
      ["four steps, ms: first, later", spread(firstRotations), spread(warm.map(sum))],
    ];
    const ratio = median(firstRotations) / median(warm.map(sum));
    const goals: Goal[] = [
      { text: "kB of the bundle, gzip", measured: ours.gzipKilobytes, limit: "at most", value: 125 },
      { text: "first rotation without import ÷ a later one", measured: round(ratio), limit: "at most", value: 2 },
    ];
    return { columns: ["", "", ""], rows, goals };
  },
};

async function measure(servers: MeasuredServers, progress: (what: string) => void) {
  const cold: Invocation[][] = [];
  const warm: Invocation[][] = [];
  const stack = await startMeasuredStack(servers, "single-user", "cold_start");
  try {
    for (let round = 1; round <= rounds; round++) {
      progress(`${round} of ${rounds}`);
      const fresh = stack.startRotateFunction();
      servers.secretsManager.registerFunction(fresh); // replaces the previous one, under the same ARN
      for (const list of [cold, warm]) {
        const from = stack.invocations.length;
        await rotate(stack);
        list.push(await fourFrom(stack.invocations, from));
      }
      await fresh.stop();
    }
  } finally {
    await stack.stop();
  }
  return { cold, warm };
}

/** A line may arrive after the answer of the invocation that wrote it. */
async function fourFrom(invocations: readonly Invocation[], from: number): Promise<Invocation[]> {
  while (invocations.length < from + steps.length) await new Promise((resolve) => setTimeout(resolve, 5));
  return invocations.slice(from);
}

function sum(invocations: readonly Invocation[]): number {
  return invocations.reduce((total, { handlerMs }) => total + handlerMs, 0);
}

async function bundleAsUsual(): Promise<Uint8Array> {
  const result = await build({
    ...{ absWorkingDir: root, entryPoints: [bundles["rotation-fn"].entryPoint], tsconfigRaw: {}, write: false },
    ...{ bundle: true, platform: "node", target: "node24", external: ["pg-native"] },
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error("esbuild wrote nothing");
  return file.contents;
}

function sizes(contents: Uint8Array): { kilobytes: number; gzipKilobytes: number } {
  return { kilobytes: round(contents.length / 1000, 0), gzipKilobytes: round(gzipSync(contents).length / 1000, 0) };
}
