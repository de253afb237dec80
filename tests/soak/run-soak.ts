import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { writeBundles } from "../../bundle";
import type { Cleanup } from "../../demo/cleanup";
import { startLoad } from "../../demo/load/load";
import { type PostgresServer, startPostgres } from "../../local/postgres";
import { startSecretsManager } from "../../local/secrets-manager";
import { startWire } from "../support/faults/wire";
import { loginConfig } from "../support/postgres";
import type { SoakArguments } from "./arguments";
import { befall, maxConnections } from "./faults";
import { Memory } from "./memory";
import { complaintsOf, formatReport, type SoakReport } from "./report";
import type { PastFault } from "./requests";
import { scheduleFaults, scheduleRotations } from "./schedule";
import { Subject } from "./subject";

const strategies = ["single-user", "alternating-users"] as const;
const requestsPerSecond = 40;
const lookEveryMs = 1_000;
const settleMs = 2_000;
/** Collecting garbage delays a process. */
const askEveryMs = 5_000;
/** A process that has just started takes more memory, whatever it does. */
const warmUpMs = 20_000;

/** @returns the exit status */
export async function runSoak(args: SoakArguments, write: (text: string) => void, cleanup: Cleanup): Promise<number> {
  const { minutes, rotationsPerMinute, seed } = args;
  const durationMs = minutes * 60_000;
  write(`${minutes} min, ${rotationsPerMinute} rotations a minute, seed ${seed}\n`);
  await writeBundles();
  const settings = { max_connections: `${maxConnections}`, log_statement: "none", log_min_duration_statement: "-1" };
  const postgres = await cleanup.add(await startPostgres({ settings }));
  const subjects: Subject[] = [];
  const secretsManager = await cleanup.add(
    await startSecretsManager({
      rotationAttempts: 1_000, // AWS retries for longer than any fault here lasts
      onStep: (report) => {
        for (const subject of subjects) subject.noteStep(report);
      },
    }),
  );
  const wire = await cleanup.add(await startWire(() => postgres.port));
  for (const strategy of strategies) {
    subjects.push(await Subject.start({ postgres, secretsManager, wire, strategy, cleanup }));
  }

  // The other strategy's function is killed occasionally.
  const [spared] = subjects;
  const watched = [...subjects.map(({ app }) => app.pid), spared?.functionPid ?? 0];
  const memories = [...subjects.map(({ serviceMemory }) => serviceMemory), ...(spared ? [spared.functionMemory] : [])];
  const faults: PastFault[] = [];
  const connections = { start: 0, most: 0, end: 0, functionsAtEnd: 0 };
  let looks = 0;
  const startMs = Date.now();
  const clock = (): string => {
    const seconds = Math.round((Date.now() - startMs) / 1000);
    return `${Math.floor(seconds / 60)}:${`${seconds % 60}`.padStart(2, "0")}`.padStart(6);
  };
  const until = (atMs: number) => sleep(Math.max(0, startMs + atMs - Date.now()));

  const load = startLoad(
    {
      targets: subjects.map(({ strategy, app }) => ({ name: strategy, url: app.url, requestsPerSecond })),
      maxSeconds: minutes * 60 + 600,
    },
    (message) => {
      for (const { strategy, requests } of subjects) requests.note(message[strategy] ?? []);
    },
  );
  await cleanup.add(load);
  connections.start = await countSessions(postgres, "todo-app");

  const rotations = scheduleRotations(rotationsPerMinute, durationMs);
  const rotationsAtMs = Object.values(rotations)
    .flat()
    .toSorted((one, other) => one - other);
  const rotate = async (subject: Subject): Promise<void> => {
    for (const atMs of rotations[subject.strategy]) {
      await until(atMs);
      const failedSteps = subject.stepErrors.length;
      await subject.rotate();
      const failed = subject.stepErrors.length - failedSteps;
      write(`${clock()}  rotated ${subject.strategy}${failed === 0 ? "" : `, ${failed} steps failed before`}\n`);
    }
  };
  const letFaultsHappen = async (): Promise<void> => {
    for (const { atMs, fault } of scheduleFaults(seed, durationMs, rotationsAtMs)) {
      await until(atMs);
      const began = Date.now();
      write(`${clock()}  ${fault.kind}\n`);
      await befall(fault, {
        postgres,
        secretsManager,
        wire,
        sparedFunctions: new Set(watched),
      });
      faults.push({ kind: fault.kind, startMs: began, endMs: Date.now() });
    }
  };
  const look = async (): Promise<void> => {
    for (let atMs = 0; atMs < durationMs; atMs += lookEveryMs) {
      await until(atMs);
      for (const subject of subjects) {
        const isOpen = await subject.isOpen();
        if (isOpen === true) looks += 1;
        if (isOpen === false) subject.complaints.push(`${subject.strategy}: locked out at ${clock().trim()}`);
      }
      if (atMs >= warmUpMs && atMs % askEveryMs === 0) for (const pid of watched) Memory.ask(pid);
      const sessions = await countSessions(postgres, "todo-app").catch(() => 0);
      connections.most = Math.max(connections.most, sessions);
    }
  };
  await Promise.all([...subjects.map(rotate), letFaultsHappen(), look()]);

  secretsManager.clearFaults();
  for (const subject of subjects) {
    await subject.rotate();
    if ((await subject.isOpen()) !== true) subject.complaints.push(`${subject.strategy}: locked out at the end`);
  }
  await sleep(settleMs);
  connections.end = await countSessions(postgres, "todo-app");
  connections.functionsAtEnd = await countSessions(postgres, "todo-rotation");
  await load.stop();
  await Promise.all(subjects.map(({ app }) => app.stop()));
  const report: SoakReport = { subjects, faults, memories, connections, looks };
  write(formatReport(report));
  return complaintsOf(report).length === 0 ? 0 : 1;
}

async function countSessions(postgres: PostgresServer, applicationName: string): Promise<number> {
  const client = new Client(loginConfig(postgres, postgres.superuser));
  client.on("error", () => undefined);
  await client.connect();
  try {
    const sql = "select count(*)::int as sessions from pg_stat_activity where application_name = $1";
    return (await client.query<{ sessions: number }>(sql, [applicationName])).rows[0]?.sessions ?? 0;
  } finally {
    await client.end();
  }
}
