import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { Pool, type PoolClient, type QueryResult } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { CredentialPool } from "../../credential-pool";
import { createLoginRole, type LoginRole } from "../support/login-role";
import { loginConfig } from "../support/postgres";

interface N {
  readonly n: number;
}

const numbers = "select generate_series(1, 250) as n";

/** Both must behave the same: pg's own pool defines what is right. */
const kinds: Readonly<Record<string, (role: LoginRole) => Pool>> = {
  "pg's own pool": ({ server, username, database }) =>
    new Pool({ ...loginConfig(server, { username, password: "example-password-1" }, database), max: 2 }),
  "the credential-aware pool": ({ options }) => new CredentialPool({ ...options, max: 2 }),
};

for (const [kind, create] of Object.entries(kinds)) {
  describe(`a pg.Pool: ${kind}`, () => {
    let role: LoginRole;
    let pool: Pool;

    before(async () => {
      role = await createLoginRole();
      await role.admin("create table t (n int)");
      await role.admin(`grant all on t to ${role.username}`);
    });
    beforeEach(async () => {
      await role.admin("truncate t");
      pool = create(role);
    });
    afterEach(async () => {
      if (!pool.ending) await pool.end();
    });
    after(() => role.drop());

    const countRows = async () => (await pool.query<N>("select count(*)::int as n from t")).rows[0]?.n;

    it("is an instance of pg.Pool", () => {
      assert.ok(pool instanceof Pool);
    });

    it("accepts a text, values, a config, a named statement, and returns rows as arrays", async () => {
      assert.deepEqual((await pool.query("select 1 as n")).rows, [{ n: 1 }]);
      assert.deepEqual((await pool.query("select $1::int as n", [2])).rows, [{ n: 2 }]);
      assert.deepEqual((await pool.query({ text: "select $1::int as n", values: [3] })).rows, [{ n: 3 }]);
      assert.deepEqual((await pool.query({ text: "select $1::int as n" }, [4])).rows, [{ n: 4 }]);
      const named = { name: "five", text: "select $1::int as n" };
      for (const n of [5, 6]) assert.deepEqual((await pool.query({ ...named, values: [n] })).rows, [{ n }]);
      assert.deepEqual((await pool.query({ text: "select 7 as n", rowMode: "array" })).rows, [[7]]);
      const { command, rowCount, fields } = await pool.query("insert into t values (1), (2)");
      assert.deepEqual([command, rowCount, fields], ["INSERT", 2, []]);
    });

    it("accepts callbacks", async () => {
      const call = (run: (done: (error: Error, result: QueryResult<N>) => void) => void) =>
        new Promise<readonly N[]>((resolve, reject) => {
          run((error: Error | undefined, result) => {
            if (error) reject(error);
            else resolve(result.rows);
          });
        });
      assert.deepEqual(
        await call((done) => {
          pool.query<N>("select 1 as n", done);
        }),
        [{ n: 1 }],
      );
      assert.deepEqual(
        await call((done) => {
          pool.query<N>("select $1::int as n", [2], done);
        }),
        [{ n: 2 }],
      );
      assert.deepEqual(
        await call((done) => {
          pool.query<N>({ text: "select 3 as n" }, done);
        }),
        [{ n: 3 }],
      );
      await assert.rejects(
        call((done) => {
          pool.query<N>("select 1 / 0", done);
        }),
        { code: "22012" },
      );
      const rows = await call((done) => {
        pool.connect((error, client, release) => {
          assert.ok(!error && client);
          client.query<N>("select 4 as n", (failure, result) => {
            release();
            done(failure, result);
          });
        });
      });
      assert.deepEqual(rows, [{ n: 4 }]);
      assert.equal(pool.idleCount, pool.totalCount);
      await new Promise<void>((resolve) => {
        pool.end(resolve);
      });
      assert.ok(pool.ended);
    });

    it("commits and rolls back in a client, and takes it back", async () => {
      for (const [end, rows] of [
        ["commit", 1],
        ["rollback", 1],
      ] as const) {
        const client = await pool.connect();
        await client.query("begin");
        await client.query("insert into t values ($1)", [1]);
        await client.query(end);
        client.release();
        assert.equal(await countRows(), rows);
      }
      assert.deepEqual([pool.totalCount, pool.idleCount], [1, 1]);
    });

    it("keeps a client after a server error, and after one in a transaction that is rolled back", async () => {
      const client = await pool.connect();
      await assert.rejects(client.query("select 1 / 0"), { code: "22012" });
      await client.query("begin");
      await assert.rejects(client.query("select 1 / 0"), { code: "22012" });
      await assert.rejects(client.query("select 1"), { code: "25P02" });
      await client.query("rollback");
      assert.equal((await client.query("select 1")).rowCount, 1);
      client.release();
      assert.deepEqual([pool.totalCount, pool.idleCount], [1, 1]);
    });

    it("reads a cursor", async () => {
      const client = await pool.connect();
      const cursor = client.query(new Cursor<N>(numbers));
      const read = [...(await cursor.read(100)), ...(await cursor.read(100)), ...(await cursor.read(100))];
      assert.equal(read.length, 250);
      await cursor.close();
      client.release();
      assert.deepEqual([pool.totalCount, pool.idleCount], [1, 1]);
    });

    it("streams rows, both completely and partially", async () => {
      const client = await pool.connect();
      const stream = client.query(new QueryStream(numbers));
      let count = 0;
      for await (const row of stream) count += typeof (row as N).n === "number" ? 1 : 0;
      assert.equal(count, 250);
      for await (const row of client.query(new QueryStream(numbers))) if ((row as N).n === 3) break;
      assert.equal((await client.query("select 1")).rowCount, 1);
      client.release();
    });

    it("copies in and out", async () => {
      const client = await pool.connect();
      await pipeline(Readable.from(["1\n2\n", "3\n"]), client.query(copyFrom("copy t from stdin")));
      assert.equal(await text(client.query(copyTo("copy t to stdout"))), "1\n2\n3\n");
      const broken = pipeline(Readable.from(["no number\n"]), client.query(copyFrom("copy t from stdin")));
      await assert.rejects(broken, { code: "22P02" });
      client.release();
      assert.equal(await countRows(), 3);
    });

    it("emits its clients' events in the same order", async () => {
      const events: string[] = [];
      for (const event of ["connect", "acquire", "release", "remove"] as const)
        pool.on(event, () => events.push(event));
      const client = await pool.connect();
      client.release();
      await pool.query("select 1");
      const removed = new Promise((resolve) => pool.once("remove", resolve));
      (await pool.connect()).release(true);
      await removed;
      const use = ["acquire", "release"];
      assert.deepEqual(events, ["connect", ...use, ...use, ...use, "remove"]);
    });

    it("reports an idle client's end, and opens another", async () => {
      const { rows } = await pool.query<{ pid: number }>("select pg_backend_pid() as pid");
      const failed = new Promise((resolve) => pool.once("error", resolve));
      await role.admin(`select pg_terminate_backend(${rows[0]?.pid})`);
      assert.equal(((await failed) as { code?: string }).code, "57P01");
      assert.deepEqual([pool.totalCount, pool.idleCount], [0, 0]);
      assert.equal((await pool.query("select 1")).rowCount, 1);
    });

    it("counts its clients and waiting callers", async () => {
      const counts = () => [pool.totalCount, pool.idleCount, pool.waitingCount];
      const clients = [await pool.connect(), await pool.connect()];
      assert.deepEqual(counts(), [2, 0, 0]);
      const waiting = pool.connect();
      await Promise.resolve();
      assert.deepEqual(counts(), [2, 0, 1]);
      clients.forEach((client) => {
        client.release();
      });
      (await waiting).release();
      assert.deepEqual(counts(), [2, 2, 0]);
    });

    it("refuses a second release, and everything after end(), which waits for clients in use", async () => {
      const client = await pool.connect();
      client.release();
      assert.throws(() => {
        client.release();
      }, /already been released/);
      const inUse: PoolClient = await pool.connect();
      const ended = pool.end();
      assert.deepEqual([pool.ending, pool.ended], [true, false]);
      assert.equal((await inUse.query("select 1")).rowCount, 1);
      inUse.release();
      await ended;
      assert.deepEqual([pool.ended, pool.totalCount], [true, 0]);
      await assert.rejects(pool.connect(), /after/);
      await assert.rejects(pool.query("select 1"), /after/);
      await assert.rejects(pool.end(), /more than once/);
    });
  });
}
