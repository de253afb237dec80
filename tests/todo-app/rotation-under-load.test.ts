import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Pool, type PoolConfig } from "pg";
import { CredentialPool, type ReadSecret } from "../../credential-pool";
import { secretsManagerSource } from "../../credential-pool/secrets-manager";
import { useAwsEnvironment } from "../support/aws-environment";
import { loadWhileRotating } from "../support/load-while-rotating";
import { loginConfig } from "../support/postgres";
import { startStack, type TestStack } from "../support/stack";

const rotations = 20;
const requests = 5_000;
const workers = 20;
const max = 10;
/** Forced churn: every session is replaced after this many statements. */
const maxUses = 10;

const strategies = ["single-user", "alternating-users"] as const;

for (const strategy of strategies) {
  describe(`a database client while ${strategy} credentials rotate under load`, () => {
    let stack: TestStack;
    let restoreEnvironment: () => void;
    let readSecret: ReadSecret;

    before(async () => {
      stack = await startStack({ strategy });
      restoreEnvironment = useAwsEnvironment(stack.secretsManager.endpointUrl);
      readSecret = secretsManagerSource(stack.secretArn);
    });
    after(async () => {
      restoreEnvironment();
      await stack.stop();
    });

    it(`fails none of ${requests} requests over ${rotations} rotations with the credential-aware pool`, async () => {
      const certificateAuthorities = readFileSync(stack.postgres.caFile, "utf8");
      const log = { info: () => undefined, warn: () => undefined };
      const pool = new CredentialPool({ readSecret, certificateAuthorities, log, max, maxUses });
      stack.secretsManager.clearCalls();
      const result = await loadWhileRotating(stack, {
        ...{ rotations, requests, workers },
        request: () => pool.query({ text: "select 1", effect: "read" }),
      });
      await pool.end();

      assert.deepEqual(result.failures, []);
      assert.ok(result.requests >= requests, `${result.requests} requests`);
      // One read for all refused requests: at most a few per rotation, not one per login.
      const reads = stack.secretsManager.calls.filter(({ source }) => source === "todo-app").length;
      assert.ok(reads > 0 && reads <= rotations * 6, `${reads} reads of the secret`);
    });

    // The controls: pools without the special features of ours.
    it("fails requests with a pool that has one fixed password, like an injected credential", async () => {
      await assertFails(stack, (await stack.readLogin()).password, 100);
    });

    it("fails requests with a pool whose password is an asynchronous function", async () => {
      const password = async () => (await stack.readLogin()).password;
      await assertFails(stack, password, 500);
    });
  });
}

/** After two rotations, alternating users have changed the first one's password: in the third, every login fails. */
async function assertFails(
  stack: TestStack,
  password: NonNullable<PoolConfig["password"]>,
  count: number,
): Promise<void> {
  const config = loginConfig(stack.postgres, await stack.readLogin(), stack.database);
  const pool = new Pool({ ...config, password, max, maxUses });
  pool.on("error", () => undefined);
  const request = () => pool.query("select 1");
  const { failures } = await loadWhileRotating(stack, { rotations: 3, requests: count, workers, request });
  await pool.end();
  assert.ok(failures.includes("28P01"), "the control did not fail: the load proves nothing");
}
