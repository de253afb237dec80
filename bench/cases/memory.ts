import { type BenchCase, type Goal, round } from "../case";
import { rotate, startMeasuredStack, withServers } from "../measured-stack";

const rotations = 1_000;
const step = 250;

/** The heap of one process after each quarter of a thousand rotations, garbage collected. */
export const memoryCase: BenchCase = {
  name: "memory",
  title: `The rotation function's heap over ${rotations} rotations in one process`,
  run: (progress) =>
    withServers(async (servers) => {
      const stack = await startMeasuredStack(servers, "alternating-users", "memory", { BENCH_HEAP: "1" });
      try {
        const rows: [number, number][] = [];
        for (let number = 1; number <= rotations; number++) {
          await rotate(stack);
          if (number % step !== 0) continue;
          progress(`${number} of ${rotations}`);
          rows.push([number, round((stack.invocations.at(-1)?.heapBytes ?? 0) / 2 ** 20)]);
        }
        const [first = 0, last = 0] = [rows.at(0)?.[1], rows.at(-1)?.[1]];
        const text = `MiB that the heap grew from rotation ${step} to rotation ${rotations}`;
        const goals: Goal[] = [{ text, measured: round(last - first), limit: "at most", value: 1 }];
        return { columns: ["rotations", "heap, MiB"], rows, goals };
      } finally {
        await stack.stop();
      }
    }),
};
