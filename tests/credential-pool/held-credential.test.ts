import assert from "node:assert/strict";
import { CredentialPool, type CredentialPoolOptions } from "../../credential-pool";
import { createLoginRole, type LoginRole } from "../support/login-role";
import { until } from "../support/until";

const one = { text: "select 1", effect: "read" } as const;
const pid = { text: "select pg_backend_pid() as pid", effect: "read" } as const;

describe("the credential that the pool holds", () => {
  let role: LoginRole;
  let pool: CredentialPool;

  beforeEach(async () => {
    role = await createLoginRole();
  });
  afterEach(async () => {
    role.secret.fault = undefined;
    await pool.end();
    await role.drop();
    assert.ok(!JSON.stringify(role.logged).includes("example-password"), "a credential was logged");
  });

  function open(options: Partial<CredentialPoolOptions> = {}): CredentialPool {
    return (pool = new CredentialPool({ ...role.options, ...options }));
  }

  /** A pool with one session, before the user's password changes. */
  async function openBeforeChange(options: Partial<CredentialPoolOptions>): Promise<void> {
    await open(options).query(one);
    await role.setPassword("example-password-2");
  }

  /** More than the ten sessions of a pool. */
  const many = 12;
  const concurrently = (count: number, run: () => Promise<unknown>) =>
    Promise.all(Array.from({ length: count }, () => run()));

  it("is read when the first session needs it, and never again while it works", async () => {
    open({ maxUses: 1 });
    assert.equal(pool.credentialHealth.status, "untried");
    assert.deepEqual(role.reads, []);
    await concurrently(many, () => pool.query(one));
    assert.deepEqual(role.reads, ["AWSCURRENT"]);
    assert.deepEqual(pool.credentialHealth, {
      status: "accepted",
      user: role.username,
      versionId: "version-of-AWSCURRENT",
      changedAt: new Date(0),
    });
  });

  it("is read once for all requests that are refused at the same time", async () => {
    await openBeforeChange({ maxUses: 1 });
    role.secret.current = role.secretText("example-password-2");
    await concurrently(many, () => pool.query(one));
    assert.deepEqual(role.reads, ["AWSCURRENT", "AWSCURRENT"]);
  });

  it("is AWSPENDING's when the password is already changed and AWSCURRENT has not moved yet", async () => {
    await openBeforeChange({ maxUses: 1 });
    role.secret.pending = role.secretText("example-password-2");
    await concurrently(many, () => pool.query(one));
    assert.deepEqual(role.reads, ["AWSCURRENT", "AWSCURRENT", "AWSPENDING"]);
    assert.equal(pool.credentialHealth.versionId, "version-of-AWSPENDING");
  });

  it("is AWSCURRENT's next value, after a wait, if AWSPENDING may not be read", async () => {
    await openBeforeChange({ maxUses: 1 });
    role.secret.fault = () => {
      if (role.reads.length === 8) role.secret.current = role.secretText("example-password-2");
      return Promise.resolve();
    };
    const running = concurrently(10, () => pool.query(one));
    await until(() => pool.credentialHealth.status === "changing");
    await running;
    assert.equal(role.reads.length, 8);
    assert.equal(pool.credentialHealth.status, "accepted");
  });

  for (const [what, changes] of Object.entries({
    "on another host": { host: "elsewhere.invalid" },
    "on another port": { port: 1 },
    "in another database": { dbname: "elsewhere" },
    "of another user": { username: "someone_else" },
  })) {
    it(`is never that of a pending value ${what}`, async () => {
      await openBeforeChange({ maxUses: 1 });
      role.secret.pending = role.secretText("example-password-2", changes);
      const running = pool.query(one);
      await until(() => role.reads.includes("AWSPENDING"));
      role.secret.current = role.secretText("example-password-2");
      await running;
      assert.equal(pool.credentialHealth.versionId, "version-of-AWSCURRENT");
    });
  }

  it("stays despite a pending value that does not log in, as a failed rotation leaves it", async () => {
    await openBeforeChange({ maxUses: 1 });
    role.secret.pending = role.secretText("example-password-3");
    const running = concurrently(5, () => pool.query(one));
    await until(() => role.reads.length >= 5);
    role.secret.current = role.secretText("example-password-2");
    await running;
  });

  it("stays in use while Secrets Manager is down, and is replaced when it is back", async () => {
    await openBeforeChange({ max: 1 });
    role.secret.fault = () => Promise.reject(new Error("down, with example-password-2 in the message"));
    await concurrently(10, () => pool.query(one)); // in the open session
    assert.deepEqual(role.reads, ["AWSCURRENT"]);

    await role.admin(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role.username}'`);
    await until(() => role.logged.some((line) => "code" in line));
    const running = concurrently(10, () => pool.query(one));
    await until(() => role.reads.length >= 3);
    role.secret.current = role.secretText("example-password-2");
    role.secret.fault = undefined;
    await running;
  });

  it("is read without delaying requests that have a session, however slow Secrets Manager is", async () => {
    await openBeforeChange({ max: 2 });
    let answer = (): void => undefined;
    role.secret.fault = () => new Promise((resolve) => (answer = resolve));
    const client = await pool.connect(); // in the open session
    const inNewSession = pool.query(one);
    await until(() => role.reads.length === 2);
    client.release();
    await concurrently(20, () => pool.query(one));
    assert.equal(role.reads.length, 2);
    role.secret.current = role.secretText("example-password-2");
    answer();
    await inNewSession;
  });

  it("takes its sessions along: outdated ones are replaced when they are returned, one after the other", async () => {
    open({ max: 3 });
    /** The sessions of as many clients, used side by side and then returned. */
    const pidsOf = async (count: number) => {
      const clients = await Promise.all(Array.from({ length: count }, () => pool.connect()));
      const results = await Promise.all(clients.map((client) => client.query<{ pid: number }>(pid.text)));
      for (const client of clients) client.release();
      return results.flatMap(({ rows }) => rows).map((row) => row.pid);
    };
    const outdated = await pidsOf(2);
    await role.setPassword("example-password-2");
    role.secret.current = role.secretText("example-password-2");
    await pidsOf(3); // the third needs a new session
    assert.equal(pool.totalCount, 2, "one was replaced, so that requests do not wait for several logins");
    await until(async () => (await pidsOf(3)).every((session) => !outdated.includes(session)));
  });

  it("does not take them along for a candidate that has not logged in", async () => {
    await openBeforeChange({ max: 2 });
    const client = await pool.connect(); // in the open session
    const first = await client.query<{ pid: number }>(pid.text);
    role.secret.pending = role.secretText("example-password-3"); // stuck
    const refused = pool.query(one);
    await until(() => role.reads.length >= 5);
    client.release();
    const again = await pool.query<{ pid: number }>(pid);
    assert.equal(again.rows[0]?.pid, first.rows[0]?.pid);
    role.secret.current = role.secretText("example-password-2");
    await refused;
  });

  it("is not replaced by one that cannot be parsed: the log names the wrong keys, and no value", async () => {
    open();
    role.secret.current = role.secretText("example-password-1", { port: "example-password-1" });
    const running = pool.query(one);
    await until(() => role.logged.length >= 2);
    role.secret.current = role.secretText("example-password-1");
    await running;
    const [first] = role.logged as { reason?: string }[];
    assert.match(first?.reason ?? "", /port/);
  });
});
