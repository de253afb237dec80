import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { PostgresServer } from "../../local/postgres";
import type { SecretsManagerServer } from "../../local/secrets-manager";
import { listDescendants } from "../support/processes";
import { loginConfig } from "../support/postgres";
import type { Wire } from "../support/faults/wire";
import type { SoakFault } from "./schedule";

export interface Befallen {
  readonly postgres: PostgresServer;
  readonly secretsManager: SecretsManagerServer;
  /** Between all clients and PostgreSQL. */
  readonly wire: Wire;
  /** Rotation functions that are never killed: their memory is compared at the end. */
  readonly sparedFunctions: ReadonlySet<number>;
}

export const maxConnections = 60;

/** Makes the fault happen; resolves when it is over. */
export async function befall(
  fault: SoakFault,
  { postgres, secretsManager, wire, sparedFunctions }: Befallen,
): Promise<void> {
  switch (fault.kind) {
    case "Secrets Manager throttles":
      secretsManager.inject({ error: "ThrottlingException", times: fault.times });
      return;
    case "Secrets Manager answers 500":
      secretsManager.inject({ error: "InternalServiceError", times: fault.times });
      return;
    case "Secrets Manager is slow":
      secretsManager.inject({ delayMs: fault.delayMs, times: fault.times });
      return;
    case "Secrets Manager is down":
      secretsManager.inject({ down: true });
      await sleep(fault.forMs);
      secretsManager.clearFaults();
      return;
    case "PostgreSQL restarts":
      return postgres.restart();
    case "PostgreSQL's sessions are killed":
      return killSessions(postgres);
    case "PostgreSQL has no connection left":
      return takeConnections(postgres, fault.forMs);
    case "the wire resets connections":
      wire.set("reset");
      await sleep(fault.forMs);
      wire.set("none");
      return;
    case "the wire is slow":
      wire.set({ delayMs: fault.delayMs });
      await sleep(fault.forMs);
      wire.set("none");
      wire.cut(); // delayed data would arrive after what is sent now
      return;
    case "the wire is silent":
      wire.set("silent");
      await sleep(fault.forMs);
      wire.set("none");
      wire.cut(); // what was sent meanwhile is lost
      return;
    case "the function is killed":
      killFunctions(sparedFunctions);
  }
}

async function killSessions(postgres: PostgresServer): Promise<void> {
  const client = new Client(loginConfig(postgres, postgres.superuser));
  await client.connect();
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name in ('todo-app', 'todo-rotation')`);
  await client.end();
}

/** Connects as a user that gets none of the connections reserved for the superuser. */
async function takeConnections(postgres: PostgresServer, forMs: number): Promise<void> {
  const clients = Array.from({ length: maxConnections }, () => {
    const client = new Client(loginConfig(postgres, postgres.administrator));
    client.on("error", () => undefined);
    return client;
  });
  await Promise.allSettled(clients.map((client) => client.connect()));
  await sleep(forMs);
  await Promise.allSettled(clients.map((client) => client.end()));
}

function killFunctions(spared: ReadonlySet<number>): void {
  for (const pid of rotationFunctions()) if (!spared.has(pid)) process.kill(pid, "SIGKILL");
}

/** The processes that run the bundle's `rotate`, by their ids. */
export function rotationFunctions(): readonly number[] {
  return listDescendants(process.pid)
    .filter(({ command }) => /runtime\.mjs \S+ rotate\b/.test(command))
    .map(({ pid }) => pid);
}
