import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { PostgresServer } from "../../local/postgres";
import type { SecretsManagerServer } from "../../local/secrets-manager";
import { rotationFunctions } from "../support/processes";
import { loginConfig } from "../support/postgres";
import type { Wire, WireFault } from "../support/faults/wire";
import type { SoakFault } from "./schedule";

interface Befallen {
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
      return disturb(wire, "reset", fault.forMs);
    case "the wire is slow":
      return disturb(wire, { delayMs: fault.delayMs }, fault.forMs);
    case "the wire is silent":
      return disturb(wire, "silent", fault.forMs);
    case "the function is killed":
      killFunctions(sparedFunctions);
  }
}

/** Cuts the wire at the end: delayed data would arrive after what is sent then, and silence has lost some. */
async function disturb(wire: Wire, fault: WireFault, forMs: number): Promise<void> {
  wire.set(fault);
  await sleep(forMs);
  wire.set("none");
  wire.cut();
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
