import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eq, TransactionRollbackError } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import { integer, pgTable } from "drizzle-orm/pg-core";
import { temporaryFolder } from "../../support/temporary-folder";
import { describeOnRotatingPool } from "./suite";

const entries = pgTable("entries", { n: integer("n") });
const copies = pgTable("copies", { n: integer("n") });

/** In drizzle-kit's format. */
function writeMigrations(folder: string): void {
  const names = ["entries", "copies"];
  const journal = names.map((tag, idx) => ({ idx, version: "7", when: idx + 1, tag, breakpoints: true }));
  mkdirSync(join(folder, "meta"), { recursive: true });
  writeFileSync(
    join(folder, "meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries: journal }),
  );
  for (const name of names)
    writeFileSync(join(folder, `${name}.sql`), `create table if not exists ${name} (n integer);`);
}

describe("Drizzle", () => {
  const folder = temporaryFolder();

  describeOnRotatingPool({
    name: "Drizzle",
    async open(pool) {
      const db = drizzle({ client: pool });
      writeMigrations(folder.path);
      await migrate(db, { migrationsFolder: folder.path });

      const add = (n: number, isInVain: boolean) =>
        db.transaction(async (transaction) => {
          await transaction.insert(entries).values({ n });
          const [found] = await transaction.select().from(entries).where(eq(entries.n, n));
          await transaction.insert(copies).values({ n: found?.n });
          if (isInVain) transaction.rollback();
        });
      return {
        add: (n) => add(n, false),
        addInVain: (n) =>
          add(n, true).catch((error: unknown) => {
            if (!(error instanceof TransactionRollbackError)) throw error;
          }),
        loseSession: (endSessions) =>
          db.transaction(async (transaction) => {
            await transaction.insert(entries).values({ n: -1 });
            await endSessions();
            await transaction.insert(entries).values({ n: -1 });
          }),
        close: () => Promise.resolve(),
      };
    },
  });
});
