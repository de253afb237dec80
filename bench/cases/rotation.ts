import type { RotationStrategy } from "../../local/stack";
import { type BenchCase, type Goal, median, round, spread } from "../case";
import {
  type Invocation,
  type MeasuredServers,
  rotate,
  startFloor,
  startMeasuredStack,
  withServers,
} from "../measured-stack";

const warmUps = 3;
const rounds = 16;
const applicationName = "todo-rotation";

/** Whole rotations by AWS's own templates, each measured once next to ours on a machine with 2 cores. */
const templateMs: Readonly<Record<RotationStrategy, number>> = { "single-user": 69.3, "alternating-users": 75.9 };

/**
 * A rotation compared with the least that its calls and logins could cost, and with the same calls made by the AWS SDK,
 * in turns, so that a busy moment affects all three.
 */
export const rotationCase: BenchCase = {
  name: "rotation",
  title: "One warm rotation",
  run: (progress) =>
    withServers(async (servers) => {
      const rows: (string | number)[][] = [];
      const goals: Goal[] = [];
      for (const strategy of ["single-user", "alternating-users"] as const) {
        progress(strategy);
        const { whole, cost, ours, floor, sdk } = await measure(servers, strategy);
        const { calls, logins, failedLogins } = cost;
        rows.push([strategy, calls, logins, failedLogins, spread(whole), ...stepsAndCpu(ours)]);
        rows.push(["the same calls by the SDK, and logins", calls, logins, 0, "", ...stepsAndCpu(sdk)]);
        rows.push(["floor: raw calls and logins", calls, logins, 0, "", ...stepsAndCpu(floor)]);
        const ratio = round(median(sumOfFours(ours)) / median(sumOfFours(floor)));
        goals.push({ text: `${strategy}: the four steps ÷ the floor`, measured: ratio, limit: "at most", value: 1.25 });
        const half = templateMs[strategy] / 2;
        const text = `${strategy}: ms of a whole rotation, half of AWS's template (${templateMs[strategy]} ms)`;
        goals.push({ text, measured: round(median(whole), 1), limit: "at most", value: half });
      }
      const columns = ["", "calls", "logins", "failed logins", "RotateSecret to end, ms", "four steps, ms", "CPU, ms"];
      return { columns, rows, goals };
    }),
};

async function measure(servers: MeasuredServers, strategy: RotationStrategy) {
  const { postgres, postgresLog, secretsManager } = servers;
  const stack = await startMeasuredStack(servers, strategy, strategy.replace("-", "_"));
  const floors = [false, true].map((sdk) => {
    const invocations: Invocation[] = [];
    return { sdk, invocations, rotateFunction: startFloor(servers, invocations) };
  });
  const stop = () => Promise.all([stack.stop(), ...floors.map(({ rotateFunction }) => rotateFunction.stop())]);
  try {
    for (let number = 0; number < warmUps; number++) await rotate(stack);
    const logged = await postgresLog.length();
    secretsManager.clearCalls();
    await rotate(stack);
    const calls = secretsManager.calls.filter(({ source }) => source === stack.rotateFunction.name).length;
    const cost = { calls, ...(await postgresLog.countLogins(logged, applicationName)) };

    const { host, port, administrator } = postgres;
    const login = { host, port, database: "postgres", user: administrator.username, password: administrator.password };
    const runFloors = async () => {
      const input = { endpointUrl: secretsManager.endpointUrl, secretArn: stack.secretArn, login };
      for (const { sdk, rotateFunction } of floors) {
        for (const share of splitInFour(cost.calls, cost.logins)) {
          await rotateFunction.invoke({ ...input, ...share, sdk });
        }
      }
    };
    for (let number = 0; number < warmUps; number++) await runFloors();
    const measured = [stack.invocations, ...floors.map(({ invocations }) => invocations)];
    const from = measured.map(({ length }) => length);
    const whole: number[] = [];
    for (let number = 0; number < rounds; number++) {
      const startedAt = performance.now();
      await rotate(stack);
      whole.push(performance.now() - startedAt);
      await runFloors();
    }
    await stop();
    const [ours = [], floor = [], sdk = []] = measured.map((invocations, index) => invocations.slice(from[index]));
    return { whole, cost, ours, floor, sdk };
  } finally {
    await stop();
  }
}

/** As many invocations as a rotation has steps. */
function splitInFour(requests: number, logins: number): { requests: number; logins: number }[] {
  return [0, 1, 2, 3].map((step) => ({
    requests: Math.floor((requests + step) / 4),
    logins: Math.floor((logins + step) / 4),
  }));
}

function stepsAndCpu(invocations: readonly Invocation[]): [steps: string, cpu: number] {
  return [spread(sumOfFours(invocations)), round(cpuOfOne(invocations), 1)];
}

function sumOfFours(invocations: readonly Invocation[]): number[] {
  const sums: number[] = [];
  invocations.forEach(({ handlerMs }, index) => {
    const rotation = Math.floor(index / 4);
    sums[rotation] = (sums[rotation] ?? 0) + handlerMs;
  });
  return sums;
}

function cpuOfOne(invocations: readonly Invocation[]): number {
  const [first, last] = [invocations.at(0), invocations.at(-1)];
  return ((last?.cpuMs ?? 0) - (first?.cpuMs ?? 0)) / ((invocations.length - 1) / 4);
}
