import assert from "node:assert/strict";
import { CrashedError, ExternalCalls } from "../support/faults/external-calls";
import type { FunctionInProcess } from "../support/faults/function-in-process";
import {
  assertNobodyLockedOut,
  assertRoles,
  assertRotated,
  holderOf,
  rotateOnce,
  SeenPasswords,
} from "../support/faults/invariants";
import { type Strategy, withStack } from "../support/faults/stack-in-process";
import { callsWithFault, sweep } from "../support/faults/sweep";
import { sharedPostgres } from "../support/postgres";
import { beginRotation, canLogIn, querySuperuser } from "../support/rotation";
import type { TestStack } from "../support/stack";

const seen = new SeenPasswords();
const logs: string[] = [];

/** Keeps what the functions logged. */
async function withLoggedStack(strategy: Strategy, work: (stack: TestStack, fn: FunctionInProcess) => Promise<void>) {
  await withStack(strategy, async (stack, fn) => {
    try {
      await work(stack, fn);
    } finally {
      logs.push(...fn.log);
    }
  });
}

/** @returns whether it ended without an error; a crash may end in no other error */
async function endsWell(work: Promise<unknown>, mayCrash: boolean): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    assert.equal(error instanceof CrashedError, mayCrash, String(error));
    return false;
  }
}

/** Rotates with these calls, then lets Secrets Manager try again with the same token, as often as needed: once. */
async function rotateDespite(calls: ExternalCalls, mayCrash: boolean, stack: TestStack, fn: FunctionInProcess) {
  const old = await holderOf(stack, "AWSCURRENT");
  const token = await beginRotation(stack);
  const isDone = await endsWell(fn.rotate(token, calls), mayCrash);
  assert.equal(isDone && mayCrash, false, "the crash did not end the rotation");
  await assertNobodyLockedOut(stack, seen);
  if (!isDone) await fn.rotate(token);
  await assertRotated(stack, token, old);
  await seen.read(stack, "AWSCURRENT");
}

describe("a crash or a lost answer at any call", () => {
  ExternalCalls.watchPg();

  for (const [strategy, rotationsBefore, leastCalls] of [
    ["single-user", 0, 20],
    ["single-user", 1, 20],
    ["alternating-users", 0, 32],
    ["alternating-users", 1, 28],
  ] as const) {
    it(`of rotation ${rotationsBefore + 1} (${strategy}) locks nobody out, and a second try completes it`, async () => {
      const rotate = (calls: ExternalCalls, mayCrash: boolean) =>
        withLoggedStack(strategy, async (stack, fn) => {
          await fn.bootstrap();
          for (let rotation = 1; rotation <= rotationsBefore; rotation++) await rotateOnce(stack, fn);
          await rotateDespite(calls, mayCrash, stack, fn);
          await rotateOnce(stack, fn);
          await assertRoles(stack);
        });
      const recorded = new ExternalCalls();
      await rotate(recorded, false);
      const { names } = recorded;
      for (const name of ["PutSecretValue", "connect", "commit", "UpdateSecretVersionStage"]) {
        assert(names.includes(name), `the recording has no ${name}`);
      }
      assert(names.length >= leastCalls, names.join("\n"));
      const runs = await sweep(names, (point) => rotate(callsWithFault(point), point.fault !== "a lost answer of"));
      assert.equal(runs, 3 * names.length);
      console.log(`        ${runs} runs: ${names.length} calls, each befallen three ways`);
    });
  }

  const bootstraps = {
    "of the first bootstrap": { prepare: () => Promise.resolve(), changes: {} },
    "of a bootstrap that leads the secret to another cluster": {
      prepare: async (stack: TestStack, fn: FunctionInProcess) => {
        await fn.bootstrap();
        await rotateOnce(stack, fn);
      },
      changes: { dbClusterIdentifier: "another-cluster" },
    },
    "of a bootstrap that lets a locked out user in": {
      prepare: async (stack: TestStack, fn: FunctionInProcess) => {
        await fn.bootstrap();
        await querySuperuser(stack, `alter role ${stack.username} password 'example-password-of-nobody'`);
      },
      changes: {},
    },
  };
  for (const [what, { prepare, changes }] of Object.entries(bootstraps)) {
    it(`${what} locks nobody out, and running it again completes it`, async () => {
      const bootstrap = (calls: ExternalCalls, mayCrash: boolean) =>
        withLoggedStack("single-user", async (stack, fn) => {
          await prepare(stack, fn);
          const before = await seen.read(stack, "AWSCURRENT");
          const hadAccess = before !== undefined && (await canLogIn(stack, before));
          const isDone = await endsWell(fn.bootstrap(calls, changes), mayCrash);
          if (hadAccess) await assertNobodyLockedOut(stack, seen);
          if (!isDone) await fn.bootstrap(new ExternalCalls(), changes);
          await assertNobodyLockedOut(stack, seen);
          assert.equal(
            (await stack.readValue()).dbClusterIdentifier,
            { ...stack.bootstrapInput, ...changes }.dbClusterIdentifier,
          );
          await rotateOnce(stack, fn);
          await assertRoles(stack);
        });
      const recorded = new ExternalCalls();
      await bootstrap(recorded, false);
      const { names } = recorded;
      assert(names.includes("commit") && names.length >= 22, names.join("\n"));
      const runs = await sweep(names, (point) => bootstrap(callsWithFault(point), point.fault !== "a lost answer of"));
      console.log(`        ${runs} runs: ${names.length} calls, each befallen three ways`);
    });
  }

  it("leaves no password in a log or an error", async () => {
    assert(logs.some((text) => text.includes("CrashedError")));
    seen.assertLoggedNowhere(logs, await sharedPostgres());
  });
});
