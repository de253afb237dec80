import { UpdateSecretVersionStageCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { ExternalCalls } from "../support/faults/external-calls";
import type { FunctionInProcess } from "../support/faults/function-in-process";
import { interleave } from "../support/faults/interleaving";
import { assertNobodyLockedOut, assertRoles, holderOf, rotateOnce, SeenPasswords } from "../support/faults/invariants";
import { assertClear, type Strategy, withRotatedStack } from "../support/faults/stack-in-process";
import { forEachAtOnce } from "../support/faults/sweep";
import { beginRotation, putValue, query, removeLabel } from "../support/rotation";
import type { TestStack } from "../support/stack";

/** What happens during a rotation. */
interface Rival {
  /** `token` is the rotation's. */
  readonly run: (stack: TestStack, fn: FunctionInProcess, token: string) => Promise<unknown>;
  /**
   * Strategies with which it removes the only credential, at some moments: a single user's new password is only in
   * AWSPENDING until finishSecret. Then rotations report it, and the bootstrap function fixes it. @default none
   */
  readonly mayLockOut?: readonly Strategy[];
}

const both: readonly Strategy[] = ["single-user", "alternating-users"];

const rivals: Readonly<Record<string, Rival>> = {
  "the same rotation": { run: (_stack, fn, token) => fn.rotate(token) },
  "another rotation, after AWSPENDING was removed manually": {
    mayLockOut: ["single-user"],
    async run(stack, fn, token) {
      await removeLabel(stack, "AWSPENDING", token);
      await fn.rotate(await beginRotation(stack));
    },
  },
  bootstrap: { run: (_stack, fn) => fn.bootstrap() },
  "a bootstrap that changes the value": {
    run: (_stack, fn) => fn.bootstrap(new ExternalCalls(), { dbClusterIdentifier: "another-cluster" }),
  },
  "a manual PutSecretValue": {
    mayLockOut: ["single-user"],
    run: async (stack) => putValue(stack, { ...(await stack.readValue()), note: "by hand" }),
  },
  "AWSPENDING removed manually": {
    mayLockOut: ["single-user"],
    run: (stack, _fn, token) => removeLabel(stack, "AWSPENDING", token),
  },
  "AWSCURRENT moved to the candidate manually": {
    mayLockOut: both, // it was not ready: no value yet, or one that does not log in
    run: async (stack, _fn, token) =>
      stack.client.send(
        new UpdateSecretVersionStageCommand({
          ...{ SecretId: stack.secretArn, VersionStage: "AWSCURRENT", MoveToVersionId: token },
          RemoveFromVersionId: await holderOf(stack, "AWSCURRENT"),
        }),
      ),
  },
  "an administrator who changes the password": {
    mayLockOut: both,
    run: async (stack) => {
      const { username } = await stack.readLogin();
      await query(stack, stack.postgres.superuser, `alter role ${username} password 'example-password-of-nobody'`);
    },
  },
  "an administrator who drops the role": {
    mayLockOut: both,
    run: async (stack) => {
      const { username } = await stack.readLogin();
      await query(stack, stack.postgres.superuser, `drop role ${username}`);
    },
  },
};

/**
 * Statements with effects that no other session sees, and after which nothing is decided: every moment among them is
 * equivalent.
 */
const isUninteresting = (name: string) =>
  /^(begin|set local|grant|alter role … (reset|set|conn)|select pg_cat\S+\.(pg_is|set_))/.test(name);

function isLockedOut(stack: TestStack): Promise<boolean> {
  return assertNobodyLockedOut(stack, new SeenPasswords()).then(
    () => false,
    (error: unknown) => error instanceof assert.AssertionError,
  );
}

/** What an operator does after a failed rotation, and what must be healthy then. */
async function recover(stack: TestStack, fn: FunctionInProcess): Promise<void> {
  const pending = await holderOf(stack, "AWSPENDING");
  if (pending !== undefined) await removeLabel(stack, "AWSPENDING", pending);
  if (await isLockedOut(stack)) await fn.bootstrap();
  await rotateOnce(stack, fn);
  await assertRoles(stack);
}

const pad = (items: readonly string[]) => items.map((item) => `\n          ${item}`).join("");

for (const strategy of both) {
  describe(`a rotation (${strategy}), stopped before each of its calls for`, () => {
    let names: readonly string[];

    ExternalCalls.watchPg();
    before(async () => {
      const recorded = new ExternalCalls();
      await withRotatedStack(strategy, 1, async (stack, fn) => fn.rotate(await beginRotation(stack), recorded));
      names = recorded.names;
      assert(names.length >= 20, pad(names));
    });

    for (const [what, { run, mayLockOut = [] }] of Object.entries(rivals)) {
      it(`${what}: the loser is told, and what is wrong afterwards can be healed`, async () => {
        const lockOuts: string[] = [];
        const points = names.flatMap((name, index) => (isUninteresting(name) ? [] : [index + 1]));
        const nameOf = (number: number) => `before call ${number}, ${names[number - 1] ?? ""}`;
        await forEachAtOnce(points, nameOf, (number) =>
          withRotatedStack(strategy, 1, async (stack, fn) => {
            const token = await beginRotation(stack);
            const rotate = (calls: ExternalCalls) => fn.rotate(token, calls);
            const outcome = await interleave(stack, number, rotate, () => run(stack, fn, token));
            assert(outcome.isInterleaved);
            assertClear(outcome.error);
            assertClear(outcome.otherError);
            if (await isLockedOut(stack)) lockOuts.push(nameOf(number));
            await recover(stack, fn);
          }),
        );
        assert(points.length >= 12);
        // An exception that is no longer needed is also a mistake.
        assert.equal(lockOuts.length > 0, mayLockOut.includes(strategy), `locked out${pad(lockOuts)}`);
        console.log(`        ${points.length} moments; the bootstrap function had to heal ${lockOuts.length}`);
      });
    }
  });
}
