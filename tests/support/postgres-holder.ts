import { startPostgres, type PostgresServer } from "../../local/postgres";

/** What the holder prints: where its server is. */
export type HolderReport = Pick<PostgresServer, "caFile" | "port" | "administrator">;

/**
 * A process that holds a server and never stops it. Prints a line of JSON as soon as the server runs, then does what
 * the first argument says: stay, suspend it and stay, throw, or exit.
 */
async function hold(then: string | undefined): Promise<void> {
  const server = await startPostgres();
  const stay = (): void => void setInterval(() => undefined, 60_000);
  const report: HolderReport = { caFile: server.caFile, port: server.port, administrator: server.administrator };
  console.log(JSON.stringify(report));
  if (then === "stay") stay();
  if (then === "suspend") {
    server.suspend();
    stay();
  }
  if (then === "throw") throw new Error("thrown on purpose");
}

void hold(process.argv[2]);
