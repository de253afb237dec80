import assert from "node:assert/strict";
import { type Knex, knex } from "knex";
import { describeOnRotatingPool } from "./suite";

interface Entry {
  readonly n: number;
}

const migrations: Readonly<Record<string, Knex.Migration>> = Object.fromEntries(
  ["entries", "copies"].map((name) => [
    name,
    {
      up: async ({ schema }: Knex) => {
        await schema.createTable(name, (table) => {
          table.integer("n");
        });
      },
      down: () => Promise.resolve(),
    },
  ]),
);

const ignore = () => undefined;

describeOnRotatingPool({
  name: "Knex",
  async open(pool) {
    const db = knex({ client: "pg", connectionPool: pool, log: { warn: ignore, error: ignore } });
    await db.migrate.latest({
      migrationSource: {
        getMigrations: () => Promise.resolve(Object.keys(migrations)),
        getMigrationName: (name: string) => name,
        getMigration: (name: string) => Promise.resolve(migrations[name] ?? assert.fail(name)),
      },
    });

    const add = async (transaction: Knex.Transaction, n: number) => {
      await transaction<Entry>("entries").insert({ n });
      const found = await transaction<Entry>("entries").where({ n });
      await transaction<Entry>("copies").insert(found);
    };
    return {
      add: (n) => db.transaction((transaction) => add(transaction, n)),
      async addInVain(n) {
        const transaction = await db.transaction();
        await add(transaction, n);
        await transaction.rollback();
      },
      loseSession: (endSessions) =>
        db.transaction(async (transaction) => {
          await transaction<Entry>("entries").insert({ n: -1 });
          await endSessions();
          await transaction<Entry>("entries").insert({ n: -1 });
        }),
      close: () => db.destroy(),
    };
  },
});
