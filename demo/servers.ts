import { EventEmitter } from "node:events";
import { startPostgres, type PostgresServer } from "../local/postgres";
import { startSecretsManager, type SecretsManagerServer, type StepReport } from "../local/secrets-manager";
import type { Cleanup } from "./cleanup";
import type { LogPart } from "./log-search";
import { PostgresLog } from "./postgres-log";

/** The server that stands in for Secrets Manager, and its log. */
export interface Endpoint {
  readonly secretsManager: SecretsManagerServer;
  readonly secretsManagerLog: LogPart;
  /** Reports each step of every rotation, until the returned function is called. */
  watchSteps(watch: (report: StepReport) => void): () => void;
}

export interface Servers extends Endpoint {
  readonly postgres: PostgresServer;
  readonly postgresLog: PostgresLog;
}

export async function startServers(cleanup: Cleanup): Promise<Servers> {
  const [postgres, endpoint] = await Promise.all([
    startPostgres().then((server) => cleanup.add(server)),
    startEndpoint(cleanup),
  ]);
  return { ...endpoint, postgres, postgresLog: new PostgresLog(postgres.logFile) };
}

export async function startEndpoint(cleanup: Cleanup): Promise<Endpoint> {
  const events: string[] = [];
  const steps = new EventEmitter();
  const secretsManager = await cleanup.add(
    await startSecretsManager({
      onStep: (report) => steps.emit("step", report),
      onEvent: (event) => events.push(JSON.stringify(event)),
    }),
  );
  return {
    secretsManager,
    watchSteps(watch) {
      steps.on("step", watch);
      return () => steps.off("step", watch);
    },
    secretsManagerLog: {
      name: "Secrets Manager's record of calls and events",
      read: () => Promise.resolve([...secretsManager.calls.map((call) => JSON.stringify(call)), ...events].join("\n")),
      proofOf: () => "RotateSecret", // recorded immediately: nothing to wait for
    },
  };
}
