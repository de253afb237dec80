import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { TLSSocket } from "node:tls";
import { DatabaseError } from "pg";
import { createServerCertificate } from "../../local/certificates";
import { RotationError } from "../../rotation-fn/errors";
import { ExternalCalls } from "../support/faults/external-calls";
import { assertNobodyLockedOut, assertRotated, holderOf, SeenPasswords } from "../support/faults/invariants";
import { withRotatedStack } from "../support/faults/stack-in-process";
import { forEachAtOnce } from "../support/faults/sweep";
import { startWire, type WireFault } from "../support/faults/wire";
import {
  assertFailed,
  beginRotation,
  invokeStep,
  putValue,
  querySuperuser,
  runSteps,
  steps,
  whileLocked,
} from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";
import { temporaryFolder } from "../support/temporary-folder";

const folder = temporaryFolder();

/** A rotation of a stack whose secret points at that port, up to the step that needs the database. */
async function rotationTo(stack: TestStack, port: number): Promise<{ token: string; old: string }> {
  const old = await putValue(stack, { ...(await stack.readValue()), port });
  const token = await beginRotation(stack);
  await runSteps(stack, token, ["createSecret"]);
  return { token, old };
}

describe("PostgreSQL at the wire", () => {
  const faults: Readonly<Record<string, readonly [fault: WireFault, errorType: string, message: RegExp]>> = {
    "resets every connection": ["reset", "DatabaseUnavailableError", /ECONNRESET|a closed connection/],
    "never answers": ["silent", "DatabaseUnavailableError", /no answer in time/],
    "answers with what is no PostgreSQL": [
      { garbage: "HTTP/1.1 400 Bad Request\r\n\r\n" },
      "DatabaseTlsError",
      /without TLS/,
    ],
    // Text before the handshake is what an attacker in the middle would inject.
    "agrees to TLS and goes on in plain text": [{ garbage: "Sno TLS at all" }, "DatabaseTlsError", /without TLS/],
  };
  for (const [what, [fault, errorType, message]] of Object.entries(faults)) {
    it(`that ${what} fails setSecret and testSecret with ${errorType}, and the next try succeeds`, async () => {
      const stack = await startStack({ strategy: "single-user", timeoutSeconds: 5 });
      const wire = await startWire(() => stack.postgres.port);
      const { token, old } = await rotationTo(stack, wire.port);
      for (const step of ["setSecret", "testSecret"] as const) {
        wire.set(fault);
        assertFailed(await invokeStep(stack, step, token), errorType, message);
        wire.cut();
        wire.set("none");
        await assertNobodyLockedOut(stack, new SeenPasswords());
        await runSteps(stack, token, [step]);
      }
      await runSteps(stack, token, steps);
      await assertRotated(stack, token, old);
      await stack.stop();
      await wire.stop();
    });
  }

  it("that is slow only makes it take longer", async () => {
    const stack = await startStack({ strategy: "single-user" });
    const wire = await startWire(() => stack.postgres.port);
    const { token, old } = await rotationTo(stack, wire.port);
    wire.set({ delayMs: 100 });
    await runSteps(stack, token, steps);
    await assertRotated(stack, token, old);
    await stack.stop();
    await wire.stop();
  });

  it("whose certificate has expired is refused", async () => {
    const { ca, certificate, key } = await createServerCertificate({ isExpired: true });
    const server = createServer((socket) => {
      socket
        .on("error", () => undefined)
        .once("data", () => {
          socket.write("S");
          new TLSSocket(socket, { isServer: true, cert: certificate, key }).on("error", () => undefined);
        });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const environment = { PGSSLROOTCERT: folder.write("expired-ca.pem", ca) };
    const stack = await startStack({ strategy: "single-user", environment, bootstrapped: false });
    const { port } = server.address() as AddressInfo;
    const result = await stack.bootstrapFunction.invoke({ ...stack.bootstrapInput, port });
    assertFailed(result, "DatabaseTlsError", /CERT_HAS_EXPIRED/);
    await stack.stop();
    server.close();
  });
});

describe("PostgreSQL while the rotation waits for the user's lock", () => {
  for (const [what, sql, errorType, message] of [
    ["cancels the statement (57014)", "pg_cancel_backend", "StatementFailedError", /SQLSTATE 57014/],
    [
      "ends the session (57P01)",
      "pg_terminate_backend",
      "DatabaseUnavailableError",
      /SQLSTATE 57P01|a closed connection/,
    ],
  ] as const) {
    it(`that ${what} fails the step, and the next try succeeds`, async () => {
      const stack = await startStack({ strategy: "single-user" });
      const { token, old } = await rotationTo(stack, stack.postgres.port);
      const waiting = `select ${sql}(pid) from pg_stat_activity
        where datname = $1 and application_name = 'todo-rotation' and wait_event_type = 'Lock'`;
      const result = await whileLocked(
        stack,
        () => invokeStep(stack, "setSecret", token),
        async () => {
          assert.equal((await querySuperuser(stack, waiting, [stack.database])).length, 1);
        },
      );
      assertFailed(result, errorType, message);
      await runSteps(stack, token, steps);
      await assertRotated(stack, token, old);
      await stack.stop();
    });
  }
});

describe("PostgreSQL that refuses any one statement", () => {
  ExternalCalls.watchPg();

  /** Out of disk, out of memory, cancelled by statement_timeout, lock_timeout, a deadlock, an I/O error, a mistake. */
  const sqlStates = ["53100", "53200", "57014", "55P03", "40P01", "58030", "XX000"];
  for (const strategy of ["single-user", "alternating-users"] as const) {
    it(`fails the step with its SQLSTATE and locks nobody out; the next try succeeds (${strategy})`, async () => {
      const recorded = new ExternalCalls();
      await withRotatedStack(strategy, 1, async (stack, fn) => fn.rotate(await beginRotation(stack), recorded));
      const isStatement = (name: string) => !/^([A-Z]|connect$|end$)/.test(name);
      const numbers = recorded.names.flatMap((name, index) => (isStatement(name) ? [index + 1] : []));
      assert(numbers.length >= 6);
      const faults = numbers.map((number, index) => ({ number, code: sqlStates[index % sqlStates.length] ?? "" }));
      const nameOf = ({ number, code }: (typeof faults)[number]) => `call ${number} with ${code}`;
      await forEachAtOnce(faults, nameOf, ({ number, code }) => {
        const refuse = () => Promise.reject(Object.assign(new DatabaseError("refused", 0, "error"), { code }));
        return withRotatedStack(strategy, 1, async (stack, fn) => {
          const old = await holderOf(stack, "AWSCURRENT");
          const token = await beginRotation(stack);
          const calls = new ExternalCalls((call) => (call.number === number ? refuse() : call.run()));
          await assert.rejects(fn.rotate(token, calls), (error) => {
            assert(error instanceof RotationError && error.message.includes(`SQLSTATE ${code}`), String(error));
            return true;
          });
          await assertNobodyLockedOut(stack, new SeenPasswords());
          await fn.rotate(token);
          await assertRotated(stack, token, old);
        });
      });
      console.log(`        ${numbers.length} statements`);
    });
  }
});
