import { startPostgres, type PostgresServer } from "../postgres";
import { startSecretsManager, type SecretsManagerServer, type StepReport } from "../secrets-manager";
import type { Cleanup } from "./cleanup";
import type { LogPart } from "./log-search";
import { PostgresLog } from "./postgres-log";

/** The two servers that stand for AWS, and what they log. */
export interface Servers {
  readonly postgres: PostgresServer;
  readonly postgresLog: PostgresLog;
  readonly secretsManager: SecretsManagerServer;
  readonly secretsManagerLog: LogPart;
}

/** Starts both at once. */
export async function startServers(cleanup: Cleanup, onStep: (report: StepReport) => void): Promise<Servers> {
  const events: string[] = [];
  const onEvent = (event: object): void => void events.push(JSON.stringify(event));
  const [postgres, secretsManager] = await Promise.all([
    startPostgres().then((server) => cleanup.add(server)),
    startSecretsManager({ onStep, onEvent }).then((server) => cleanup.add(server)),
  ]);
  return {
    postgres,
    postgresLog: new PostgresLog(postgres.logFile),
    secretsManager,
    secretsManagerLog: {
      name: "Secrets Manager's record of calls and events",
      read: () => Promise.resolve([...secretsManager.calls.map((call) => JSON.stringify(call)), ...events].join("\n")),
      proofOf: () => "RotateSecret", // recorded at once: there is nothing to wait for
    },
  };
}
