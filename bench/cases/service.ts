import { join } from "node:path";
import autocannon from "autocannon";
import { setTimeout as sleep } from "node:timers/promises";
import { startLoad, type Sample } from "../../demo/load/load";
import { startTodoApp, type TodoApp } from "../../local/todo-app";
import { type BenchCase, type Goal, median, round, spread } from "../case";
import { type MeasuredServers, type MeasuredStack, rotate, startMeasuredStack, withServers } from "../measured-stack";

const throughputRounds = 4;
const secondsAtFullSpeed = 4;
const connections = 20;
const rotations = 40;
const requestsPerSecond = 200;
const pauseMs = 250;
const plainPool = ["--require", join(__dirname, "../../tsx.cjs"), join(__dirname, "../plain-pool-service.ts")];

/** The service at full speed next to one on a plain pg.Pool, and its latency while its credential rotates. */
export const serviceCase: BenchCase = {
  name: "service",
  title: "The todo service under load",
  run: (progress) =>
    withServers(async (servers) => {
      const rows: (string | number)[][] = [];
      const goals: Goal[] = [];
      for (const strategy of ["single-user", "alternating-users"] as const) {
        const stack = await startMeasuredStack(servers, strategy, `service_${strategy.replace("-", "_")}`);
        try {
          if (strategy === "single-user") {
            progress("throughput, beside a plain pool");
            const { ours, plain } = await measureThroughput(servers, stack);
            rows.push(["requests a second", spread(ours, 0), "", ""], ["… of a plain pool", spread(plain, 0), "", ""]);
            const ratio = round(median(ours) / median(plain));
            goals.push({ text: "throughput ÷ a plain pool's", measured: ratio, limit: "at least", value: 0.95 });
          }
          progress(`latency while the credential rotates (${strategy})`);
          const { quiet, rotating, failed } = await measureLatency(servers, stack);
          rows.push(
            [`p50 and p99, ms, between rotations (${strategy})`, "", quiet.p50, quiet.p99],
            [`p50 and p99, ms, in rotations (${strategy})`, "", rotating.p50, rotating.p99],
          );
          const ratio = round(rotating.p99 / quiet.p99);
          goals.push(
            { text: `${strategy}: p99 in rotations ÷ p99 between them`, measured: ratio, limit: "at most", value: 3 },
            { text: `${strategy}: failed requests`, measured: failed, limit: "at most", value: 0 },
          );
        } finally {
          await stack.stop();
        }
      }
      return { columns: ["", "a second", "p50", "p99"], rows, goals };
    }),
};

async function measureThroughput(servers: MeasuredServers, stack: MeasuredStack) {
  const ours: number[] = [];
  const plain: number[] = [];
  const environment = { ...environmentOf(servers), DATABASE_SECRET: JSON.stringify(await stack.readValue()) };
  const apps = await Promise.all([
    startService(servers, stack),
    startTodoApp({ environment: { ...environment, DATABASE_SECRET_ARN: stack.secretArn }, program: plainPool }),
  ]);
  try {
    const [ourApp, plainApp] = apps;
    for (let number = 0; number < throughputRounds; number++) {
      ours.push(await requestRate(ourApp));
      plain.push(await requestRate(plainApp));
    }
  } finally {
    await Promise.all(apps.map((app) => app.stop()));
  }
  return { ours, plain };
}

async function requestRate({ url }: TodoApp): Promise<number> {
  const { requests, errors, non2xx } = await autocannon({
    ...{ url: `${url}/api/todos?limit=10`, connections, duration: secondsAtFullSpeed },
  });
  if (errors + non2xx > 0) throw new Error(`${errors + non2xx} requests failed without a rotation`);
  return requests.average;
}

async function measureLatency(servers: MeasuredServers, stack: MeasuredStack) {
  const app = await startService(servers, stack);
  const samples: Sample[] = [];
  const load = startLoad(
    { targets: [{ name: "service", url: app.url, requestsPerSecond }], maxSeconds: 120 },
    (all) => {
      samples.push(...(all.service ?? []));
    },
  );
  const windows: (readonly [startMs: number, endMs: number])[] = [];
  try {
    while (samples.length < requestsPerSecond) await sleep(50);
    samples.length = 0;
    for (let number = 0; number < rotations; number++) {
      await sleep(pauseMs);
      const startMs = Date.now();
      await rotate(stack);
      windows.push([startMs, Date.now()]);
    }
    await sleep(pauseMs);
  } finally {
    await load.stop();
    await app.stop();
  }
  // A request counts as rotating when any part of it ran during a rotation.
  const isRotating = ({ atMs, latencyMs }: Sample) =>
    windows.some(([startMs, endMs]) => atMs >= startMs && atMs - latencyMs <= endMs);
  const percentiles = (list: readonly Sample[]) => {
    const sorted = list.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
    const at = (share: number) => round(sorted[Math.ceil(sorted.length * share) - 1] ?? NaN, 1);
    return { p50: at(0.5), p99: at(0.99) };
  };
  return {
    quiet: percentiles(samples.filter((sample) => !isRotating(sample))),
    rotating: percentiles(samples.filter(isRotating)),
    failed: samples.filter(({ succeeded }) => !succeeded).length,
  };
}

function startService(servers: MeasuredServers, stack: MeasuredStack): Promise<TodoApp> {
  return startTodoApp({ environment: { ...environmentOf(servers), DATABASE_SECRET_ARN: stack.secretArn } });
}

function environmentOf({ caFile, secretsManager }: MeasuredServers): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpointUrl,
    PGSSLROOTCERT: caFile,
  };
}
