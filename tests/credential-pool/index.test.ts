import assert from "node:assert/strict";
import {
  CredentialPool,
  type CredentialPoolOptions,
  DatabaseUnavailableError,
  OutcomeUnknownError,
} from "../../credential-pool";
import { createServerCertificate } from "../../local/certificates";
import { createLoginRole, type LoginRole } from "../support/login-role";
import { until } from "../support/until";

const one = { text: "select 1 as one", effect: "read" } as const;
const slow = "select pg_sleep(0.3), pg_backend_pid() as pid";

describe("the pool", () => {
  let role: LoginRole;
  let pool: CredentialPool;

  beforeEach(async () => {
    role = await createLoginRole();
  });
  afterEach(async () => {
    if (!pool.ending) await pool.end();
    await role.drop();
  });

  function open(options: Partial<CredentialPoolOptions> = {}): CredentialPool {
    return (pool = new CredentialPool({ ...role.options, ...options }));
  }

  async function killSessions(where: string): Promise<void> {
    const sessions = `from pg_stat_activity where usename = '${role.username}' and ${where}`;
    await until(async () => (await role.admin(`select 1 ${sessions}`)).length > 0);
    await role.admin(`select pg_terminate_backend(pid) ${sessions}`);
  }

  it("answers with the rows, and with the server's own error for a rejected statement", async () => {
    open();
    assert.deepEqual((await pool.query(one)).rows, [{ one: 1 }]);
    await assert.rejects(pool.query({ ...one, text: "select 1 / 0" }), { code: "22012" });
    assert.equal(await role.countSessions(), 1);
  });

  for (const effect of ["read", "idempotent write"] as const) {
    it(`runs a statement again whose session was killed, when it is a${effect === "read" ? "" : "n"} ${effect}`, async () => {
      open();
      const running = pool.query({ text: slow, effect });
      await killSessions("state = 'active'");
      assert.equal((await running).rows.length, 1);
    });
  }

  it("reports a write whose session was killed as not known to have happened, and sends it once", async () => {
    open();
    await role.admin(`create sequence sent; grant all on sequence sent to ${role.username}`);
    const text = "select nextval('sent'), pg_terminate_backend(pg_backend_pid())";
    await assert.rejects(pool.query({ text, effect: "write" }), OutcomeUnknownError);
    assert.deepEqual(await role.admin("select last_value::int from sent"), [{ last_value: 1 }]);
  });

  it("reports a repeatable write as not known to have happened when no new session logs in to repeat it", async () => {
    open({ max: 1 });
    await pool.query(one);
    await role.admin(`alter role ${role.username} nologin`);
    const text = "select pg_terminate_backend(pg_backend_pid())";
    await assert.rejects(
      pool.query({ text, effect: "idempotent write", connectionTimeoutMillis: 500 }),
      OutcomeUnknownError,
    );
    await assert.rejects(pool.query({ ...one, text, connectionTimeoutMillis: 100 }), DatabaseUnavailableError);
    await role.admin(`alter role ${role.username} login`);
  });

  it("gives up on a statement that ends every session that runs it", async () => {
    open();
    await role.admin(`create sequence sent; grant all on sequence sent to ${role.username}`);
    const text = "select nextval('sent'), pg_terminate_backend(pg_backend_pid())";
    await assert.rejects(pool.query({ text, effect: "read" }), DatabaseUnavailableError);
    await assert.rejects(pool.query({ text, effect: "idempotent write" }), OutcomeUnknownError);
    assert.deepEqual(await role.admin("select last_value::int from sent"), [{ last_value: 6 }]);
  });

  it("runs a write in another session when the server has become read-only", async () => {
    open();
    await role.admin("create table t (n int); create sequence logins");
    await role.admin(`grant all on t, logins to ${role.username}`);
    await role.admin(`alter role ${role.username} set default_transaction_read_only = on`);
    await pool.query(one); // this session stays read-only
    await role.admin(`alter role ${role.username} reset default_transaction_read_only`);
    await pool.query({ text: "insert into t values (1)", effect: "write" });
    assert.deepEqual(await role.admin("select n from t"), [{ n: 1 }]);
  });

  it("survives the end of an idle session, logs it, and opens another", async () => {
    open();
    await pool.query(one);
    await killSessions("state = 'idle'");
    await until(() => role.logged.some((line) => "code" in line));
    assert.deepEqual((await pool.query(one)).rows, [{ one: 1 }]);
    assert.deepEqual(
      role.logged.filter((line) => "code" in line),
      [{ code: "SQLSTATE 57P01", message: "an idle session ended" }],
    );
  });

  it("has no session left after being idle, so that Aurora can pause", async () => {
    open({ idleTimeoutMillis: 50 });
    await Promise.all(Array.from({ length: 10 }, () => pool.query({ ...one, text: slow })));
    assert.ok((await role.countSessions()) > 1);
    await until(async () => (await role.countSessions()) === 0);
    assert.deepEqual((await pool.query(one)).rows, [{ one: 1 }]);
  });

  it("waits for a database that resumes, and leaves no request hanging that times out before", async () => {
    open({ max: 2 });
    role.server.suspend();
    try {
      const impatient = Array.from({ length: 10 }, () => pool.query({ ...one, connectionTimeoutMillis: 200 }));
      const patient = Array.from({ length: 10 }, () => pool.query(one));
      const outcomes = await Promise.allSettled(impatient);
      assert.ok(outcomes.every((outcome) => outcome.status === "rejected"));
      await assert.rejects(pool.query({ ...one, connectionTimeoutMillis: 50 }), DatabaseUnavailableError);
      role.server.resume();
      assert.deepEqual(
        (await Promise.all(patient)).flatMap(({ rows }) => rows),
        Array(10).fill({ one: 1 }),
      );
    } finally {
      role.server.resume();
    }
  });

  it("rejects requests beyond its limit", async () => {
    open({ max: 1 });
    const outcomes = await Promise.allSettled(Array.from({ length: 1_001 }, () => pool.query(one)));
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    assert.deepEqual(
      refused.map(({ reason }) => (reason as DatabaseUnavailableError).received),
      ["1001 statements at once"],
    );
  });

  it("finishes running requests when it is closed, including those that wait for a session", async () => {
    open({ max: 1 });
    const running = Array.from({ length: 5 }, () => pool.query({ ...one, text: "select pg_sleep(0.02)" }));
    await pool.end();
    assert.equal((await Promise.all(running)).length, 5);
    await until(async () => (await role.countSessions()) === 0);
    await assert.rejects(pool.query(one), DatabaseUnavailableError);
    assert.ok(pool.ended);
    await assert.rejects(pool.end(), /more than once/);
  });

  it("does not use a server whose certificate is signed by another authority, or is for another host", async () => {
    const { ca } = await createServerCertificate();
    const stranger = new CredentialPool({ ...role.options, certificateAuthorities: ca });
    await assert.rejects(stranger.query(one), DatabaseUnavailableError);
    await stranger.end();
    role.secret.current = role.secretText("example-password-1", { host: "0.0.0.0" });
    open();
    await assert.rejects(pool.query(one), { received: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });
});
