import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { inspect } from "node:util";
import { DatabaseUnavailableError } from "../../rotation-fn/errors";
import { logIn } from "../../rotation-fn/postgres";
import { ExternalCalls } from "../support/faults/external-calls";
import { functionInProcess } from "../support/faults/function-in-process";
import { errorOf } from "../support/faults/interleaving";
import { assertNobodyLockedOut, assertRotated, holderOf, SeenPasswords } from "../support/faults/invariants";
import { type Strategy, withRotatedStack } from "../support/faults/stack-in-process";
import { forEachAtOnce } from "../support/faults/sweep";
import { startWire } from "../support/faults/wire";
import { beginRotation, putValue } from "../support/rotation";
import type { TestStack } from "../support/stack";

/** Less than Lambda's 120 s; the function reserves 3 s of it. */
const limitMs = 5_000;

/** Rotates over a wire on which the database falls silent before the call of that number. */
async function rotateInSilence(strategy: Strategy, number: number): Promise<ExternalCalls> {
  return withRotatedStack(strategy, 1, async (stack) => {
    const wire = await startWire(() => stack.postgres.port);
    const fn = functionInProcess(stack, limitMs);
    try {
      const old = await putValue(stack, { ...(await stack.readValue()), port: wire.port });
      const token = await beginRotation(stack);
      const calls = new ExternalCalls((call) => {
        if (call.number === number) wire.set("silent");
        return call.run();
      });
      const error = await errorOf(fn.rotate(token, calls));
      if (error !== undefined) assert(error instanceof DatabaseUnavailableError, inspect(error));
      await assertNobodyLockedOut(stack, new SeenPasswords());
      // The server ends the session by its timeout for sessions that are idle in a transaction; a test does not wait
      // for it.
      wire.cut();
      wire.set("none");
      if (error !== undefined) await recover(stack, token, old);
      return calls;
    } finally {
      fn.destroy();
      await wire.stop();
    }
  });
}

async function recover(stack: TestStack, token: string, old: string): Promise<void> {
  assert.equal(await holderOf(stack, "AWSCURRENT"), old);
  const fn = functionInProcess(stack);
  await fn.rotate(token);
  await assertRotated(stack, token, old);
  fn.destroy();
}

describe("a database that falls silent, before any call to it", () => {
  ExternalCalls.watchPg();

  for (const strategy of ["single-user", "alternating-users"] as const) {
    it(`is told as unavailable inside the time limit, and a second try completes the rotation (${strategy})`, async () => {
      const { names } = await rotateInSilence(strategy, 0);
      const numbers = names.flatMap((name, index) => (/^[A-Z]/.test(name) ? [] : [index + 1]));
      assert(numbers.length >= 10, names.join("\n"));
      await forEachAtOnce(
        numbers,
        (number) => `before call ${number}, ${names[number - 1] ?? ""}`,
        async (number) => void (await rotateInSilence(strategy, number)),
        12,
      );
      console.log(`        ${numbers.length} moments`);
    });
  }

  it("keeps the lock of a vanished function for at most a minute", async () => {
    await withRotatedStack("single-user", 0, async (stack) => {
      const { host, port, caFile } = stack.postgres;
      const secureContext = createSecureContext({ ca: readFileSync(caFile, "utf8") });
      const settings = { secureContext, tlsServername: undefined };
      const session = await logIn(
        { host, port, dbname: stack.database, ...(await stack.readLogin()) },
        { ...settings, remainingTimeMs: () => 60_000 },
      );
      const rows = await session?.query("show idle_in_transaction_session_timeout");
      assert.deepEqual(rows, [{ idle_in_transaction_session_timeout: "1min" }]);
      await session?.close();
    });
  });
});
