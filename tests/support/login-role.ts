import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { PostgresServer } from "../../local/postgres";
import type { CredentialPoolOptions, PoolLog, ReadSecret, SecretStage } from "../../credential-pool";
import { freshDatabase, loginConfig } from "./postgres";

/** A login role with a database of its own, and its secret as a pool reads it. Tests change its password. */
export interface LoginRole {
  readonly server: PostgresServer;
  readonly database: string;
  readonly username: string;
  /** Everything that the pool under test logged. */
  readonly logged: readonly object[];
  /** Every read of the secret, in order. */
  readonly reads: readonly SecretStage[];
  /** What the labels hold, and what happens instead of reading them. */
  readonly secret: {
    current: string;
    pending: string | undefined;
    fault: (() => Promise<void>) | undefined;
  };
  /** For `new CredentialPool()`. */
  readonly options: CredentialPoolOptions;
  secretText(password: string, changes?: object): string;
  /** Runs SQL as the real superuser, in the role's database. */
  admin(sql: string): Promise<Record<string, unknown>[]>;
  setPassword(password: string): Promise<void>;
  /** How many sessions the role has on the server. */
  countSessions(): Promise<number>;
  drop(): Promise<void>;
}

export async function createLoginRole(): Promise<LoginRole> {
  const { server, database } = await freshDatabase();
  const username = `role_${database}`;
  const role = escapeIdentifier(username);
  const admin = new Client(loginConfig(server, server.superuser, database));
  await admin.connect();
  admin.on("error", () => undefined); // a restart of the server ends it
  const reads: SecretStage[] = [];
  const logged: object[] = [];
  const log = (fields: object, message: string) => void logged.push({ ...fields, message });

  const secretText = (password: string, changes: object = {}): string =>
    JSON.stringify({
      ...{ engine: "postgres", host: server.host, port: server.port, dbname: database, username, password },
      ...changes,
    });
  const secret: LoginRole["secret"] = {
    current: secretText("example-password-1"),
    pending: undefined,
    fault: undefined,
  };
  const readSecret: ReadSecret = async (stage) => {
    reads.push(stage);
    await secret.fault?.();
    const text = stage === "AWSCURRENT" ? secret.current : secret.pending;
    return text === undefined ? undefined : { text, versionId: `version-of-${stage}`, createdAt: new Date(0) };
  };
  const query = async (sql: string) => (await admin.query<Record<string, unknown>>(sql)).rows;
  const setPassword = async (password: string) => {
    await query(`alter role ${role} password ${escapeLiteral(password)}`);
  };
  await query(`create role ${role} login`);
  await setPassword("example-password-1");
  return {
    ...{ server, database, username, logged, reads, secret, secretText, admin: query, setPassword },
    options: {
      readSecret,
      certificateAuthorities: readFileSync(server.caFile, "utf8"),
      log: { info: log, warn: log } satisfies PoolLog,
    },
    async countSessions() {
      const [row] = await query(`select count(*)::int as n from pg_stat_activity where usename = '${username}'`);
      assert.ok(row);
      return Number(row.n);
    },
    async drop() {
      await query(`reassign owned by ${role} to current_user`);
      await query(`drop owned by ${role}`);
      await query(`drop role ${role}`);
      await admin.end();
    },
  };
}
