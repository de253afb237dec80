import { readFileSync } from "node:fs";
import type { ClientConfig } from "pg";
import {
  type Login,
  type PostgresServer,
  type PostgresVersion,
  startPostgres,
  type StartPostgresOptions,
} from "../../local/postgres";

const servers = new Map<PostgresVersion, Promise<PostgresServer>>();
const ownServers = new Set<PostgresServer>();
let databases = 0;

/** One server per version for all test files of a process; tests/support/hooks.ts stops it. Roles are shared too. */
export function sharedPostgres(version: PostgresVersion = 17): Promise<PostgresServer> {
  const server = servers.get(version) ?? startPostgres({ version });
  servers.set(version, server);
  return server;
}

/** A server for one test, which may stop or break it. It ends with the process's last test at the latest. */
export async function startOwnPostgres(options?: StartPostgresOptions): Promise<PostgresServer> {
  const server = await startPostgres(options);
  ownServers.add(server);
  return server;
}

/** A new database, on the shared server or on a test's own; each test file uses its own. The administrator owns it. */
export async function freshDatabase(
  versionOrServer: PostgresVersion | PostgresServer = 17,
): Promise<{ readonly server: PostgresServer; readonly database: string }> {
  const server = typeof versionOrServer === "number" ? await sharedPostgres(versionOrServer) : versionOrServer;
  const database = `test_${++databases}`;
  await server.createDatabase(database);
  return { server, database };
}

/** How a test's own client logs in: TLS, verify-full. */
export function loginConfig(server: PostgresServer, login: Login, database = "postgres"): ClientConfig {
  const { host, port, caFile } = server;
  return { host, port, database, user: login.username, password: login.password, ssl: { ca: readFileSync(caFile) } };
}

/** For mocha's hooks. */
export async function stopOwnPostgres(): Promise<void> {
  const started = [...ownServers];
  ownServers.clear();
  await Promise.all(started.map((server) => server.stop()));
}

/** For mocha's hooks. */
export async function stopSharedPostgres(): Promise<void> {
  const started = [...servers.values()];
  servers.clear();
  await Promise.all(started.map(async (server) => (await server).stop()));
}
