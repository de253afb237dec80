import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { escapeIdentifier, Pool } from "pg";
import { CredentialPool } from "../../../credential-pool";
import { secretsManagerSource } from "../../../credential-pool/secrets-manager";
import { useAwsEnvironment } from "../../support/aws-environment";
import { loadWhileRotating } from "../../support/load-while-rotating";
import { loginConfig } from "../../support/postgres";
import { querySuperuser } from "../../support/rotation";
import { startStack, type TestStack } from "../../support/stack";

/** A library that works on a pg.Pool. */
export interface Library {
  readonly name: string;
  /** Runs the library's own migrations, which create the tables entries(n) and copies(n), and makes it ready. */
  open(pool: Pool): Promise<OpenLibrary>;
}

export interface OpenLibrary {
  /** Adds n to both tables, in a transaction of the library's. */
  add(n: number): Promise<void>;
  /** Does the same, and rolls back. */
  addInVain(n: number): Promise<void>;
  /** Adds -1 to a table in a transaction of the library's while sessions end. Absent if the library retries. */
  loseSession?(endSessions: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

const rotations = 6;
const requests = 240;
/** Every session is replaced after this many uses, which causes more logins than a service has. */
const churn = { max: 6, maxUses: 10 };

/** Runs the library, unchanged, on the credential-aware pool while each strategy rotates the credential. */
export function describeOnRotatingPool(library: Library): void {
  for (const strategy of ["single-user", "alternating-users"] as const) {
    describe(`${library.name} while ${strategy} credentials rotate`, () => {
      let stack: TestStack;
      let restoreEnvironment: () => void;
      let opened: OpenLibrary;

      before(async () => {
        stack = await startStack({ strategy });
        restoreEnvironment = useAwsEnvironment(stack.secretsManager.endpointUrl);
        // Libraries keep their migrations in schemas of their own.
        const [database, owner] = [escapeIdentifier(stack.database), escapeIdentifier(stack.ownerRole)];
        await querySuperuser(stack, `grant create on database ${database} to ${owner}`);
      });
      after(async () => {
        restoreEnvironment();
        await stack.stop();
      });

      /** Every fifth is rolled back. */
      const isInVain = (n: number) => n % 5 === 4;
      const operate = (n: number) => (isInVain(n) ? opened.addInVain(n) : opened.add(n));
      const read = async (table: string) =>
        (await querySuperuser(stack, `select n from todo.${table} order by n`)).map((row) => (row as { n: number }).n);

      const endSessions = () =>
        querySuperuser(stack, "select pg_terminate_backend(pid) from pg_stat_activity where usename like $1", [
          `${stack.username}%`,
        ]);

      it(`migrates, and fails none of ${requests} operations over ${rotations} rotations`, async () => {
        const warnings: object[] = [];
        const pool = new CredentialPool({
          ...{ readSecret: secretsManagerSource(stack.secretArn), ...churn },
          certificateAuthorities: readFileSync(stack.postgres.caFile, "utf8"),
          log: { info: () => undefined, warn: (fields) => void warnings.push(fields) },
        });
        opened = await library.open(pool);
        const result = await loadWhileRotating(stack, { rotations, requests, workers: 10, request: operate });
        assert.deepEqual([result.failures, warnings], [[], []]);
        const added = Array.from({ length: result.requests }, (_, n) => n).filter((n) => !isInVain(n));
        assert.deepEqual([await read("entries"), await read("copies")], [added, added]);

        if (opened.loseSession) {
          const error: unknown = await opened.loseSession(endSessions).catch((reason: unknown) => reason);
          assert.equal(mayRepeat(error), true, String(error));
          assert.deepEqual(await read("entries"), added);
        }
        await opened.close();
        if (!pool.ending) await pool.end();
        assert.equal(pool.totalCount, 0);
      });

      // With alternating users, the old one can still log in.
      if (strategy === "single-user") {
        it("fails with a plain pool, which has one fixed password", async () => {
          const pool = new Pool({ ...loginConfig(stack.postgres, await stack.readLogin(), stack.database), ...churn });
          pool.on("error", () => undefined);
          pool.on("connect", (client) => client.on("error", () => undefined));
          opened = await library.open(pool);
          const load = { rotations: 1, requests: 100, workers: 10, request: (n: number) => operate(n + 1_000_000) };
          const { failures } = await loadWhileRotating(stack, load);
          assert.ok(failures.includes("28P01"), "the control did not fail: the load proves nothing");
          await opened.close();
          if (!pool.ending) await pool.end();
        });
      }
    });
  }
}

/** The pool's statement about the error, or about the one that the library wrapped. */
function mayRepeat(error: unknown): unknown {
  const { mayRepeat: answer, cause } = error as { readonly mayRepeat?: boolean; readonly cause?: unknown };
  return answer ?? (cause === undefined ? undefined : mayRepeat(cause));
}
