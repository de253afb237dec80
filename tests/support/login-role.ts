import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Client, escapeIdentifier, escapeLiteral } from "pg";
import type { CredentialPoolOptions, ReadSecret, SecretStage } from "../../credential-pool";
import { freshDatabase, loginConfig } from "./postgres";

export type LoginRole = Awaited<ReturnType<typeof createLoginRole>>;

/** A login role with a database of its own, and its secret as a pool reads it. Tests change its password. */
export async function createLoginRole() {
  const { server, database } = await freshDatabase();
  const username = `role_${database}`;
  const role = escapeIdentifier(username);
  const admin = new Client(loginConfig(server, server.superuser, database));
  await admin.connect();
  admin.on("error", () => undefined); // a restart of the server ends it
  const reads: SecretStage[] = [];
  /** Everything that the pool under test logged. */
  const logged: object[] = [];
  const log = (fields: object, message: string) => void logged.push({ ...fields, message });

  const secretText = (password: string, changes: object = {}): string =>
    JSON.stringify({
      ...{ engine: "postgres", host: server.host, port: server.port, dbname: database, username, password },
      ...changes,
    });
  /** What the labels hold, and what happens instead of reading them. */
  const secret = {
    current: secretText("example-password-1"),
    pending: undefined as string | undefined,
    fault: undefined as (() => Promise<void>) | undefined,
  };
  const readSecret: ReadSecret = async (stage) => {
    reads.push(stage);
    await secret.fault?.();
    const text = stage === "AWSCURRENT" ? secret.current : secret.pending;
    return text === undefined ? undefined : { text, versionId: `version-of-${stage}`, createdAt: new Date(0) };
  };
  /** Runs SQL as the real superuser, in the role's database. */
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
      log: { info: log, warn: log },
    } satisfies CredentialPoolOptions,
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
