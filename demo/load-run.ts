import { setTimeout as sleep } from "node:timers/promises";
import { startLoad, type Sample } from "./load/load";
import { figuresOfSamples, type ClientFigures } from "./load/measurements";
import type { StepReport } from "../local/secrets-manager";
import type { LoadTable } from "./load-table";
import type { Servers } from "./servers";
import { type ClientName, clientNames, loads, type Service } from "./services";
import type { WatchedSecrets, WatchedUser } from "./watched-secrets";

/** One rotation under load, in milliseconds since 1970. */
export interface RotationMark {
  readonly startMs: number;
  readonly endMs: number;
  /** From here to the end AWSCURRENT does not log in, if a single user changes its own password. */
  readonly passwordSetMs: number;
}

export interface LoadReport {
  readonly startMs: number;
  readonly endMs: number;
  readonly rotations: readonly RotationMark[];
  readonly samples: Readonly<Record<ClientName, readonly Sample[]>>;
  /** The error of the failed rotation that ended the run. */
  readonly error: string | undefined;
}

export interface LoadRunOptions {
  readonly servers: Servers;
  readonly watched: WatchedSecrets;
  readonly services: readonly Service[];
  readonly rotations: number;
  /** Between one rotation's end and the next one's start, before the first and after the last. */
  readonly pauseMs: number;
  readonly table: LoadTable;
}

const maxSeconds = 600;

export function figuresOfClient(report: LoadReport, client: ClientName): ClientFigures {
  return figuresOfSamples(report.samples[client]);
}

export async function runUnderLoad(options: LoadRunOptions): Promise<LoadReport> {
  const { services, rotations, pauseMs, table } = options;
  const samples: Record<ClientName, Sample[]> = { "todo-app": [], "injected-credential": [], "single-retry": [] };
  const load = startLoad(
    {
      targets: services.map(({ name, url }) => ({ name, url, requestsPerSecond: loads[name].requestsPerSecond })),
      maxSeconds,
    },
    (message) => {
      for (const name of clientNames) samples[name].push(...(message[name] ?? []));
      table.refresh(samples);
    },
  );
  const marks: RotationMark[] = [];
  let error: string | undefined;
  try {
    while (Object.values(samples).some((list) => list.length === 0)) await sleep(20);
    const startMs = Date.now();
    table.rowStarted("before");
    await sleep(pauseMs);
    for (let number = 1; number <= rotations && error === undefined; number++) {
      table.rowStarted(`rotation ${number}/${rotations}`);
      const outcome = await rotateOnce(options);
      error = outcome.error;
      marks.push(outcome.mark);
      table.rotated(outcome.mark.endMs - outcome.mark.startMs);
      await sleep(pauseMs);
    }
    table.end(samples);
    return { startMs, endMs: Date.now(), rotations: marks, samples, error };
  } finally {
    await load.stop();
  }
}

/** Rotates each user's secret, and measures the first one's rotation, because the services use it. */
async function rotateOnce({ servers, watched }: LoadRunOptions) {
  let passwordSetMs = 0;
  const unwatch = servers.watchSteps(({ step }: StepReport) => {
    if (step === "setSecret") passwordSetMs = Date.now();
  });
  const startMs = Date.now();
  const [own, ...others] = watched.users;
  const errors = [await rotateUser(own)];
  const endMs = Date.now();
  unwatch();
  for (const user of others) errors.push(await rotateUser(user));
  return { mark: { startMs, endMs, passwordSetMs }, error: errors.find((error) => error !== undefined) };
}

async function rotateUser({ secret, history }: WatchedUser): Promise<string | undefined> {
  const outcome = await secret.rotate();
  await history.readAfter(outcome);
  return outcome.error;
}
