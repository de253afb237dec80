import assert from "node:assert/strict";
import { Client } from "pg";
import { freshDatabase, loginConfig, sharedPostgres } from "./postgres";

describe("the PostgreSQL server that test files share", () => {
  it("is one server per process", async () => {
    assert.equal(await sharedPostgres(), await sharedPostgres(17));
  });

  it("gives each caller a separate database, owned by the administrator", async () => {
    const first = await freshDatabase();
    const second = await freshDatabase();
    assert.notEqual(first.database, second.database);
    for (const { server, database } of [first, second]) {
      const client = new Client(loginConfig(server, server.administrator, database));
      await client.connect();
      const { rows } = await client.query("select pg_get_userbyid(datdba) from pg_database where datname = $1", [
        database,
      ]);
      assert.deepEqual(rows, [{ pg_get_userbyid: server.administrator.username }]);
      await client.end();
    }
  });
});
