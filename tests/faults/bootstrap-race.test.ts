import assert from "node:assert/strict";
import { ExternalCalls } from "../support/faults/external-calls";
import { interleave } from "../support/faults/interleaving";
import { rotateOnce } from "../support/faults/invariants";
import { assertClear, type Strategy, withRotatedStack } from "../support/faults/stack-in-process";
import { forEachAtOnce } from "../support/faults/sweep";
import { beginRotation, canLogIn, removeLabel, steps } from "../support/rotation";

/**
 * Runs bootstrap while a rotation is between setSecret and finishSecret, and lets the rotation finish before
 * bootstrap's call of that number. Both must succeed, and AWSCURRENT must log in.
 */
function raceWithFinish(strategy: Strategy, changes: object, number: number): Promise<void> {
  return withRotatedStack(strategy, 1, async (stack, fn) => {
    const token = await beginRotation(stack);
    await fn.rotate(token, new ExternalCalls(), steps.slice(0, 2));
    const finish = async () => {
      await fn.rotate(token, new ExternalCalls(), steps.slice(2));
      await removeLabel(stack, "AWSPENDING", token);
    };
    const outcome = await interleave(stack, number, (calls) => fn.bootstrap(calls, { ...changes }), finish);
    assert(outcome.isInterleaved);
    assertClear(outcome.error);
    assert.equal(outcome.otherError, undefined);
    assert(await canLogIn(stack, await stack.readLogin()), "AWSCURRENT does not log in");
    await fn.bootstrap(new ExternalCalls(), { ...changes });
    await rotateOnce(stack, fn);
  });
}

describe("bootstrap during a rotation that finishes before any call of it", () => {
  ExternalCalls.watchPg();

  for (const strategy of ["single-user", "alternating-users"] as const) {
    for (const [what, changes] of [
      ["puts no old password back", {}],
      ["puts no old password back where it changes the value", { dbClusterIdentifier: "another-cluster" }],
    ] as const) {
      it(`${what} (${strategy})`, async () => {
        const recorded = new ExternalCalls();
        await withRotatedStack(strategy, 1, async (stack, fn) => {
          const token = await beginRotation(stack);
          await fn.rotate(token, new ExternalCalls(), steps.slice(0, 2));
          await fn.bootstrap(recorded, changes).catch(assertClear);
        });
        const { names } = recorded;
        assert(names.length >= 20, names.join("\n"));
        await forEachAtOnce(
          [...names.keys()],
          (index) => `before call ${index + 1}, ${names[index] ?? ""}`,
          (index) => raceWithFinish(strategy, changes, index + 1),
        );
        console.log(`        ${names.length} moments`);
      });
    }
  }
});
