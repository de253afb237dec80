import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ClientConfig } from "pg";
import { findBinaries, type PostgresVersion } from "./binaries";
import { Cluster } from "./cluster";
import type { Settings } from "./configuration";
import { findFreePort } from "./free-port";
import { createAdministrator, createDatabase, type Login } from "./roles";
import { createFolder, writeServerFiles } from "./server-folder";
import { findServerUser, giveToServerUser } from "./server-user";
import { Supervisor } from "./supervisor";

export type { Login, PostgresVersion, Settings };

export interface StartPostgresOptions {
  /** @default 17 */
  readonly version?: PostgresVersion;
  /** Settings of postgresql.conf, in addition to those of every server here. @default none */
  readonly settings?: Settings;
  /** "off" is a server without TLS, which clients must refuse. @default "on" */
  readonly tls?: "on" | "off";
}

/** A PostgreSQL server with its own data, removed completely when it is stopped or this process ends. */
export interface PostgresServer {
  /** The certificate is for this name and for 127.0.0.1, the only address that the server listens on. */
  readonly host: "localhost";
  readonly port: number;
  readonly version: PostgresVersion;
  /** Path of the authority's certificate, PEM: what PGSSLROOTCERT takes. */
  readonly caFile: string;
  /** What RDS gives you: not a superuser, but LOGIN CREATEROLE CREATEDB and a member of rds_superuser. */
  readonly administrator: Login;
  /** The real superuser, which RDS gives to no one. Only for what a test must inspect, for example pg_authid. */
  readonly superuser: Login;
  /** The server's own log: every connection and every statement. */
  readonly logFile: string;
  /** Creates a database owned by the administrator. */
  createDatabase(name: string): Promise<void>;
  /** A fast restart: same port, same data; open sessions end with SQLSTATE 57P01. */
  restart(): Promise<void>;
  /**
   * Makes the server look like a paused Aurora cluster: the kernel takes TCP connections, and the server answers none
   * before resume(). Open sessions continue; Aurora pauses only when there are none.
   */
  suspend(): void;
  resume(): void;
  /** Stops the server immediately and removes its folder. A second call is not an error. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL that takes TLS and SCRAM-SHA-256 only, on a free port.
 *
 * @throws Error when there are no binaries of that version, or the server does not start; the message holds its log
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const { version = 17, settings = {}, tls = "on" } = options;
  const user = await findServerUser();
  // No pause between these: without a supervisor, the folder would stay when this process is killed.
  const folder = createFolder(user);
  const logFile = join(folder, "postgresql.log");
  const supervisor = new Supervisor(folder, logFile, user);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= supervisor.close());

  try {
    const superuser = createLogin("rdsadmin");
    const administrator = createLogin("postgres_admin");
    const { ca, ...files } = await writeServerFiles(folder, superuser.password, settings, tls);
    const bin = await findBinaries(version, user, join(folder, "native"));
    await giveToServerUser(folder, user);
    const cluster = new Cluster(supervisor, { ...files, bin, data: join(folder, "data"), logFile });
    await cluster.initialize(superuser.username, files.passwordFile);
    const port = await cluster.startOnFreePort(findFreePort);

    const loginConfig = ({ username, password }: Login): ClientConfig => ({
      ...{ host: "localhost", port, database: "postgres", user: username, password },
      ssl: tls === "on" && { ca },
    });
    await createAdministrator(loginConfig(superuser), administrator);
    return {
      ...{ host: "localhost", port, version, caFile: files.caFile, administrator, superuser, logFile },
      createDatabase: (name) => createDatabase(loginConfig(administrator), name),
      restart: () => cluster.restart(port),
      suspend: () => {
        cluster.suspend();
      },
      resume: () => {
        cluster.resume();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createLogin(username: string): Login {
  return { username, password: randomBytes(24).toString("base64url") };
}
