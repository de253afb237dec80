import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline } from "node:stream/promises";
import type { PoolClient, QueryResult } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import Cursor from "pg-cursor";
import {
  CredentialPool,
  type CredentialPoolOptions,
  DatabaseUnavailableError,
  OutcomeUnknownError,
  type Statement,
} from "../../credential-pool";
import { createLoginRole, type LoginRole } from "../support/login-role";
import { until } from "../support/until";

const endThisSession = "select pg_terminate_backend(pg_backend_pid())";
const undone = { name: "DatabaseUnavailableError", mayRepeat: true };
const unknown = { name: "OutcomeUnknownError", mayRepeat: false };

describe("a client of the pool", () => {
  let role: LoginRole;
  let pool: CredentialPool;

  beforeEach(async () => {
    role = await createLoginRole();
    await role.admin("create table t (n int)");
    await role.admin(`grant all on t to ${role.username}`);
  });
  afterEach(async () => {
    await pool.end();
    await role.drop();
  });

  async function connect(options: Partial<CredentialPoolOptions> = {}): Promise<PoolClient> {
    pool = new CredentialPool({ ...role.options, max: 1, ...options });
    return pool.connect();
  }

  /** A client in a transaction that has written. */
  async function beginInsert(connecting: Promise<PoolClient> = connect()): Promise<PoolClient> {
    const client = await connecting;
    await client.query("begin");
    await client.query("insert into t values (1)");
    return client;
  }

  const endSessions = () =>
    role.admin(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role.username}'`);

  /** Makes any commit after an insert into t end the session in the middle. */
  async function breakCommits(): Promise<void> {
    await role.admin(`create function end_session() returns trigger language plpgsql
      as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`);
    await role.admin(`create constraint trigger broken after insert on t deferrable initially deferred
      for each row execute function end_session()`);
  }

  const pidOf = async (client: { query(text: string): Promise<QueryResult<{ pid: number }>> }) =>
    (await client.query("select pg_backend_pid() as pid")).rows[0]?.pid;
  const countRows = async () => (await role.admin("select from t")).length;
  const warnings = () => role.logged.filter((line) => "leftOpen" in line);

  describe("whose session ends", () => {
    it("in a transaction says that nothing was committed, and repeats it at the rollback", async () => {
      const client = await beginInsert();
      await assert.rejects(client.query(endThisSession), undone);
      await assert.rejects(client.query("rollback"), undone);
      client.release();
      assert.equal(await countRows(), 0);
      assert.equal((await pool.query("select 1")).rowCount, 1);
    });

    it("between two statements of a transaction says that nothing was committed, even at the commit", async () => {
      const client = await beginInsert();
      const ended = new Promise((resolve) => client.once("end", resolve));
      await endSessions();
      await ended;
      await assert.rejects(client.query("commit"), undone);
      client.release();
      assert.equal(await countRows(), 0);
    });

    it("while its commit is under way says that the outcome is not known, by promise and by callback", async () => {
      await breakCommits();
      const client = await beginInsert();
      await assert.rejects(client.query("commit"), unknown);
      await assert.rejects(client.query("rollback"), unknown);
      client.release();

      const another = await beginInsert(pool.connect());
      const error = await new Promise((resolve) => {
        another.query("commit", resolve);
      });
      assert.ok(error instanceof OutcomeUnknownError);
      another.release();
    });

    it("while a commit is running says that the outcome of what was queued after it is not known", async () => {
      const client = await connect();
      await breakCommits();
      await client.query("begin");
      const texts = ["insert into t values (1)", "commit", "select 1"];
      const [inserted, ...others] = await Promise.allSettled(texts.map((text) => client.query(text)));
      assert.equal(inserted?.status, "fulfilled");
      for (const other of others) assert.ok(other.status === "rejected" && other.reason instanceof OutcomeUnknownError);
      client.release();
    });

    it("outside a transaction cannot tell for a write, and says that a read or a begin may be repeated", async () => {
      for (const [effect, expected] of [
        [undefined, unknown],
        ["idempotent write", unknown],
        ["read", undone],
      ] as const) {
        const client = await connect();
        const statement: Statement = { text: endThisSession, effect };
        await assert.rejects(client.query(statement), expected);
        client.release();
        await pool.end();
      }
      const client = await connect();
      const beginning = client.query("begin") as unknown as Promise<unknown>;
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      await assert.rejects(beginning, undone);
      client.release();
    });

    it("in a cursor or a COPY stream of a transaction says that nothing was committed", async () => {
      const client = await connect();
      await client.query("begin");
      const cursor = client.query(
        new Cursor(`select pg_terminate_backend(pg_backend_pid()) from generate_series(1, 9)`),
      );
      await assert.rejects(cursor.read(5), undone);
      client.release();

      const another = await pool.connect();
      await another.query("begin");
      const copying = another.query(copyFrom("copy t from stdin"));
      const rows = Readable.from(
        (async function* () {
          yield "1\n";
          await endSessions();
          for (;;) {
            yield "2\n";
            await sleep(1);
          }
        })(),
      );
      await assert.rejects(pipeline(rows, copying), undone);
      another.release();
      assert.equal(await countRows(), 0);
    });

    it("is closed when the server is silent, so that no later commit finds the transaction open", async () => {
      const client = await connect({ statement_timeout: 10 });
      await client.query("begin");
      await client.query("set local statement_timeout = 0");
      const silence = client.query("insert into t select 1 from pg_sleep(1.5)"); // pg gives up after 1,010 ms
      await assert.rejects(silence, { ...undone, received: "no answer in time" });
      await assert.rejects(client.query("commit"), undone);
      client.release();
      await until(async () => (await role.countSessions()) === 0);
      assert.equal(await countRows(), 0);
    });
  });

  describe("that is released", () => {
    for (const [where, run] of Object.entries({
      "in a transaction": async (client) => {
        await client.query("begin; insert into t values (1)");
      },
      "in a transaction that failed": async (client) => {
        await client.query("begin; insert into t values (1)");
        await assert.rejects(client.query("select 1 / 0"), { code: "22012" });
      },
      "in the middle of a cursor": async (client) => {
        await client.query(new Cursor("select generate_series(1, 9)")).read(1);
      },
    } satisfies Record<string, (client: PoolClient) => Promise<void>>)) {
      it(`${where} is closed, with a warning, and goes to nobody`, async () => {
        const client = await connect();
        const pid = await pidOf(client);
        await run(client);
        client.release();
        assert.notEqual(await pidOf(pool), pid);
        assert.equal(warnings().length, 1);
        assert.equal(await countRows(), 0);
      });
    }

    it("by the callback of an error that left a transaction open is closed, even before the server reports the state", async () => {
      const client = await connect();
      const pid = await pidOf(client);
      await new Promise<void>((resolve) => {
        client.query("begin; insert into t values (1); select 1 / 0", () => {
          client.release();
          assert.throws(() => {
            client.release();
          }, /already been released/);
          resolve();
        });
      });
      assert.notEqual(await pidOf(pool), pid);
      assert.equal(warnings().length, 1);
    });

    it("with an error, or as broken, is closed without a warning, like pg's own", async () => {
      const client = await connect();
      const pid = await pidOf(client);
      await client.query("begin");
      client.release(true);
      assert.notEqual(await pidOf(pool), pid);
      assert.deepEqual(warnings(), []);
    });

    it("otherwise goes to the next caller, also with false, without a warning", async () => {
      const client = await connect();
      const pid = await pidOf(client);
      client.release(false);
      assert.equal(await pidOf(pool), pid);
      assert.deepEqual(warnings(), []);
    });

    it("is not reused when its server has become read-only", async () => {
      await role.admin(`alter role ${role.username} set default_transaction_read_only = on`);
      const client = await connect();
      const pid = await pidOf(client);
      await assert.rejects(client.query("insert into t values (1)"), { code: "25006" });
      client.release();
      assert.notEqual(await pidOf(pool), pid);
    });

    it("is not reused when its credential is outdated", async () => {
      const client = await connect({ max: 2 });
      const pid = await pidOf(client);
      await role.setPassword("example-password-2");
      role.secret.current = role.secretText("example-password-2");
      (await pool.connect()).release();
      client.release();
      const others = [await pool.connect(), await pool.connect()];
      for (const other of others) assert.notEqual(await pidOf(other), pid);
      for (const other of others) other.release();
    });
  });

  it("can read a cursor for longer than a statement may take", async () => {
    const client = await connect({ statement_timeout: 100 });
    await client.query("begin");
    await client.query("set local statement_timeout = 0");
    const cursor = client.query(new Cursor("select generate_series(1, 3)"));
    await cursor.read(1);
    await sleep(1_200); // pg gives up on a statement after 1,100 ms
    assert.equal((await cursor.read(5)).length, 2);
    await cursor.close();
    await client.query("commit");
    client.release();
  });

  it("is waited for until the deadline, and no longer", async () => {
    const client = await connect({ connectionTimeoutMillis: 3_000 });
    await assert.rejects(pool.connect(), DatabaseUnavailableError);
    client.release();
    (await pool.connect()).release();
  });

  it("is required for a cursor: the pool itself refuses one", async () => {
    (await connect()).release();
    assert.throws(() => pool.query(new Cursor("select 1")), /received a cursor or a stream; accepted is/);
  });
});
