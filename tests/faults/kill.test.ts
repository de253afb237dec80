import assert from "node:assert/strict";
import { Client } from "pg";
import { assertNobodyLockedOut, assertRotated, holderOf, SeenPasswords } from "../support/faults/invariants";
import { loginConfig } from "../support/postgres";
import { rotationFunctions } from "../support/processes";
import { beginRotation, invokeStep, querySuperuser, runSteps, steps, whileLocked } from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";
import { until } from "../support/until";

const seen = new SeenPasswords();

/** Sends SIGKILL to the process that runs the bundle's `rotate`; these tests have one at a time. */
function killFunction(): void {
  const [pid, ...others] = rotationFunctions();
  assert(pid !== undefined && others.length === 0);
  process.kill(pid, "SIGKILL");
}

async function killed(invocation: ReturnType<typeof invokeStep>): Promise<void> {
  const { functionError, payload } = await invocation;
  assert.equal(functionError, "Unhandled");
  assert.equal((payload as { errorType?: string }).errorType, "Runtime.ExitError");
}

/** What Secrets Manager does after a failure, and what must hold then. */
async function recover(stack: TestStack, token: string, old: string | undefined): Promise<void> {
  await assertNobodyLockedOut(stack, seen);
  await runSteps(stack, token, steps);
  await assertRotated(stack, token, old);
}

/** strategy-suite.ts kills it at its calls of Secrets Manager. */
for (const strategy of ["single-user", "alternating-users"] as const) {
  describe(`a rotation whose process is killed (${strategy})`, () => {
    let stack: TestStack;
    let token: string;
    let old: string | undefined;

    before(async () => {
      stack = await startStack({ strategy });
    });
    after(() => stack.stop());
    beforeEach(async () => {
      old = await holderOf(stack, "AWSCURRENT");
      token = await beginRotation(stack);
    });

    it("while it waits for the user's lock locks nobody out, and is completed by a second try", async () => {
      await runSteps(stack, token, ["createSecret"]);
      const waiting = () => killed(invokeStep(stack, "setSecret", token));
      await whileLocked(stack, waiting, () => Promise.resolve().then(killFunction));
      await recover(stack, token, old);
    });

    it("while the server changes the password locks nobody out, and is completed by a second try", async () => {
      await runSteps(stack, token, ["createSecret"]);
      const { username } = await stack.readLogin("AWSPENDING");
      const holder = new Client(loginConfig(stack.postgres, stack.postgres.superuser, stack.database));
      await holder.connect();
      await holder.query("begin");
      await holder.query(`alter role ${username} connection limit 7`);
      const invocation = invokeStep(stack, "setSecret", token);
      const held = "select from pg_stat_activity where datname = $1 and wait_event = 'transactionid' and query like $2";
      await until(async () => (await querySuperuser(stack, held, [stack.database, "alter role %"])).length === 1);
      killFunction();
      await killed(invocation);
      await holder.query("rollback");
      await holder.end();
      await recover(stack, token, old);
    });
  });
}
