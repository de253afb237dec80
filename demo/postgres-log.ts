import { readFile } from "node:fs/promises";
import type { LogPart } from "./log-search";
import { markerOf } from "./version";

export interface LoginCount {
  readonly logins: number;
  readonly failedLogins: number;
}

/** PostgreSQL's own log, with every login of every client. */
export class PostgresLog implements LogPart {
  readonly name = "PostgreSQL's log";

  constructor(private readonly file: string) {}

  read(): Promise<string> {
    return readFile(this.file, "utf8");
  }

  proofOf(versionId: string): string {
    return markerOf(versionId);
  }

  /** Its length so far, to pass to countLogins() later. */
  async length(): Promise<number> {
    return (await this.read()).length;
  }

  /**
   * Counts the logins logged since then. The server does not log which application a refused login belongs to, so all
   * of them are counted, and no other client may log in meanwhile.
   */
  async countLogins(since: number, applicationName: string): Promise<LoginCount> {
    const log = (await this.read()).slice(since);
    const authorized = log.matchAll(/ LOG: {2}connection authorized: .* application_name=(\S+)/g);
    const refused = log.matchAll(
      / FATAL: {2}(?:password authentication failed|no pg_hba\.conf entry|role ".*" is not permitted to log in)/g,
    );
    return {
      logins: [...authorized].filter(([, name]) => name === applicationName).length,
      failedLogins: [...refused].length,
    };
  }
}
