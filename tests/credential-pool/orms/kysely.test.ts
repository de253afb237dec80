import assert from "node:assert/strict";
import { Kysely, type Migration, Migrator, PostgresDialect, type Transaction } from "kysely";
import { describeOnRotatingPool } from "./suite";

interface Tables {
  readonly entries: { readonly n: number };
  readonly copies: { readonly n: number };
}

const migrations: Readonly<Record<string, Migration>> = {
  "1": { up: (db) => db.schema.createTable("entries").ifNotExists().addColumn("n", "integer").execute() },
  "2": { up: (db) => db.schema.createTable("copies").ifNotExists().addColumn("n", "integer").execute() },
};

describeOnRotatingPool({
  name: "Kysely",
  async open(pool) {
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const { error } = await migrator.migrateToLatest();
    assert.equal(error, undefined);

    const add = async (transaction: Transaction<Tables>, n: number) => {
      await transaction.insertInto("entries").values({ n }).execute();
      await transaction
        .insertInto("copies")
        .columns(["n"])
        .expression(transaction.selectFrom("entries").select("n").where("n", "=", n))
        .execute();
    };
    return {
      add: (n) => db.transaction().execute((transaction) => add(transaction, n)),
      async addInVain(n) {
        const transaction = await db.startTransaction().execute();
        await add(transaction, n);
        await transaction.rollback().execute();
      },
      loseSession: (endSessions) =>
        db.transaction().execute(async (transaction) => {
          await transaction.insertInto("entries").values({ n: -1 }).execute();
          await endSessions();
          await transaction.insertInto("entries").values({ n: -1 }).execute();
        }),
      close: () => db.destroy(),
    };
  },
});
