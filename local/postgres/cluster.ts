import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SupervisedCommand, Supervisor } from "./supervisor";

/** What a server needs to start, all in one folder that belongs to the server's user. */
export interface ClusterFiles {
  readonly bin: string;
  readonly data: string;
  readonly configFile: string;
  readonly hbaFile: string;
  readonly logFile: string;
}

const pollMs = 10;
const startTimeoutMs = 60_000;
const maxStarts = 5;

/** A data directory and the server that runs on it. */
export class Cluster {
  #server: SupervisedCommand | undefined;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly files: ClusterFiles,
  ) {}

  /**
   * Creates the data directory. `passwordFile` holds the superuser's password, because anyone can read a command line;
   * the file is removed.
   */
  async initialize(superuser: string, passwordFile: string): Promise<void> {
    const initdb = await this.supervisor.run(join(this.files.bin, "initdb"), [
      ...["--pgdata", this.files.data, "--username", superuser, "--pwfile", passwordFile],
      ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", defaultLocale()],
      ...["--no-sync", "--no-instructions"],
    ]);
    const status = await initdb.end();
    await rm(passwordFile);
    if (status !== 0) throw new Error(`initdb ended with status ${status}:\n${await this.#readLog()}`);
  }

  /** Starts the server on a port from `findPort`, and on the next one if another process took the first. */
  async startOnFreePort(findPort: () => Promise<number>): Promise<number> {
    for (let starts = 1; ; starts++) {
      const port = await findPort();
      const logged = (await this.#readLog()).length;
      if (await this.#start(port)) return port;
      const log = (await this.#readLog()).slice(logged);
      if (starts === maxStarts || !log.includes("could not bind")) throw new Error(`PostgreSQL did not start:\n${log}`);
    }
  }

  /** A fast restart: sessions end with 57P01, committed data stays. */
  async restart(port: number): Promise<void> {
    const server = this.#running();
    this.resume();
    process.kill(server.pid, "SIGINT");
    await server.end();
    if (!(await this.#start(port))) throw new Error(`PostgreSQL did not start again:\n${await this.#readLog()}`);
  }

  suspend(): void {
    process.kill(this.#running().pid, "SIGSTOP");
  }

  resume(): void {
    process.kill(this.#running().pid, "SIGCONT");
  }

  #running(): SupervisedCommand {
    if (this.#server === undefined || this.#server.status !== undefined) throw new Error("PostgreSQL is not running");
    return this.#server;
  }

  /** False when the server ended instead; its log has the reason. */
  async #start(port: number): Promise<boolean> {
    const { bin, data, configFile, hbaFile } = this.files;
    const args = ["-D", data, "-p", `${port}`, "-c", `config_file=${configFile}`, "-c", `hba_file=${hbaFile}`];
    this.#server = await this.supervisor.run(join(bin, "postgres"), args);
    for (let waitedMs = 0; waitedMs < startTimeoutMs; waitedMs += pollMs) {
      if (this.#server.status !== undefined) return false;
      if (await this.#isReady(this.#server.pid)) return true;
      await sleep(pollMs);
    }
    throw new Error(`PostgreSQL was not ready after ${startTimeoutMs} ms:\n${await this.#readLog()}`);
  }

  /** Reads what pg_ctl reads: line 1 of postmaster.pid is the process, line 8 its state. */
  async #isReady(pid: number): Promise<boolean> {
    const text = await readFile(join(this.files.data, "postmaster.pid"), "utf8").catch(() => "");
    const lines = text.split("\n");
    return lines[0] === `${pid}` && lines[7]?.trim() === "ready";
  }

  #readLog(): Promise<string> {
    return readFile(this.files.logFile, "utf8");
  }
}

/** Aurora's encoding, with an order that does not depend on the machine; macOS has C.UTF-8 only in late versions. */
function defaultLocale(): string {
  return process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
}
