import { setTimeout as sleep } from "node:timers/promises";
import { startLoad, type Sample } from "./load/load";
import { figuresOfSamples, type ClientFigures } from "./load/measurements";
import type { StepReport } from "../local/secrets-manager";
import type { LoadTable } from "./load-table";
import type { Servers } from "./servers";
import { type ClientName, clientNames, loads, type Service } from "./services";
import type { WatchedStack, WatchedUser } from "./watched-stack";

/** One rotation under load, in milliseconds since 1970. */
export interface RotationMark {
  readonly startMs: number;
  readonly endMs: number;
  /** From here to the end AWSCURRENT does not log in, if a single user changes its own password. */
  readonly passwordSetMs: number;
}

/** What happened while rotations ran under load. */
export interface LoadReport {
  readonly startMs: number;
  readonly endMs: number;
  readonly rotations: readonly RotationMark[];
  readonly samples: Readonly<Record<ClientName, readonly Sample[]>>;
  /** The error of the failed rotation that ended the run. */
  readonly error?: string;
}

export interface LoadRunOptions {
  readonly servers: Servers;
  readonly watched: WatchedStack;
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

/** Rotates repeatedly while all services are under load. */
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
    return { startMs, endMs: Date.now(), rotations: marks, samples, ...(error !== undefined && { error }) };
  } finally {
    await load.stop();
  }
}

async function rotateOnce({ servers, watched }: LoadRunOptions): Promise<{ mark: RotationMark; error?: string }> {
  let passwordSetMs = 0;
  const unwatch = servers.watchSteps(({ step }: StepReport) => {
    if (step === "setSecret") passwordSetMs = Date.now();
  });
  const startMs = Date.now();
  const [own, ...others] = watched.users;
  const { error } = await rotateUser(own);
  const endMs = Date.now();
  unwatch();
  const mark = { startMs, endMs, passwordSetMs };
  const errors = [error];
  for (const user of others) errors.push((await rotateUser(user)).error);
  const failure = errors.find((one) => one !== undefined);
  return failure === undefined ? { mark } : { mark, error: failure };
}

async function rotateUser({ secret, history }: WatchedUser): Promise<{ error: string | undefined }> {
  const { succeeded, versionId, error = "" } = await secret.rotate();
  if (succeeded) await history.readCurrent(versionId);
  else await history.readPending(versionId);
  return { error: succeeded ? undefined : error };
}
