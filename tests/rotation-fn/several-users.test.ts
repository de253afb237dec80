import assert from "node:assert/strict";
import {
  assertFailed,
  assertRefused,
  assertSucceeded,
  beginRotation,
  canLogIn,
  invokeStep,
  putValue,
  query,
  removeLabel,
} from "../support/rotation";
import { assertForbidden, loginOf, namesInTurn, secretOf, startSeveralUsers } from "../support/several-users";
import { startStack, type TestStack } from "../support/stack";

for (const strategy of ["single-user", "alternating-users"] as const) {
  describe(`several users of one database (${strategy})`, () => {
    let stack: TestStack;
    let writer: string;
    let reader: string;
    let second: string;

    before(async () => {
      ({ stack, writer, reader, second } = await startSeveralUsers(strategy, { bootstrapped: true }));
    });
    after(() => stack.stop());

    it("each have a first value that logs in, and points at the database", async () => {
      for (const name of [writer, reader, second]) {
        const secret = secretOf(stack, name);
        const { password, masterarn, ...rest } = await secret.readValue();
        assert.deepEqual(rest, { engine: "postgres", ...stack.bootstrapInput, username: name });
        assert.equal(masterarn, strategy === "alternating-users" ? stack.superuserSecretArn : undefined);
        assert(await canLogIn(stack, { username: name, password: String(password) }));
      }
      const again = await stack.bootstrap();
      assertSucceeded(again);
      const kept = { role: "existed", password: "kept", secret: "kept" };
      const names = [stack.username, writer, reader, second];
      const users = Object.fromEntries(names.map((name) => [name, kept]));
      assert.deepEqual(again.payload, { ownerRole: "existed", users, lockedOut: [] });
    });

    it("are rotated by one function, each separately", async () => {
      const names = [writer, reader, second];
      const before = await Promise.all(names.map((name) => loginOf(secretOf(stack, name))));
      assert.equal((await secretOf(stack, writer).rotate()).error, undefined);
      const after = await Promise.all(names.map((name) => loginOf(secretOf(stack, name))));
      assert.notDeepEqual(after[0], before[0]);
      assert.deepEqual(after.slice(1), before.slice(1));
      for (const login of after) assert(await canLogIn(stack, login));
      assert(await canLogIn(stack, await stack.readLogin()));
      assert.equal((await secretOf(stack, reader).rotate()).error, undefined);
      assert.equal((await secretOf(stack, second).rotate()).error, undefined);
      assert.equal((await stack.rotate()).error, undefined);
    });

    it("may do only what their access allows, in a table created later and under each name", async () => {
      await query(stack, await stack.readLogin(), "drop table if exists later");
      await query(stack, await stack.readLogin(), "create table later (id serial primary key, what text)");
      const seen = new Map([writer, reader, second].map((name) => [name, new Set<string>()]));
      for (let turn = 0; turn < 2; turn++) {
        const [write, read, own] = await Promise.all([writer, reader, second].map((n) => loginOf(secretOf(stack, n))));
        assert(write && read && own);
        for (const table of ["later", "todos"]) {
          await query(stack, read, `select * from ${table}`);
          await assertForbidden(stack, read, `delete from ${table}`);
          await assertForbidden(stack, write, `drop table ${table}`, `truncate ${table}`);
        }
        await query(stack, write, "insert into later (what) values ('one'); update later set what = 'two'");
        assert.deepEqual(await query(stack, read, "select what from later"), [{ what: "two" }]);
        await assertForbidden(
          stack,
          read,
          "insert into later (what) values ('no')",
          "update later set what = 'no'",
          "select nextval('later_id_seq')",
        );
        await query(stack, write, "delete from later");
        for (const login of [write, read]) {
          const beyond = ["create table own ()", "create schema own", `set role ${stack.ownerRole}`];
          await assertForbidden(stack, login, ...beyond);
        }
        await query(stack, own, "create table own (); drop table own");
        for (const [name, login] of [
          [writer, write],
          [reader, read],
          [second, own],
        ] as const) {
          seen.get(name)?.add(login.username);
          assert.equal((await secretOf(stack, name).rotate()).error, undefined);
        }
      }
      for (const [name, names] of seen) assert.deepEqual([...names].sort(), namesInTurn(strategy, name));
    });

    it("never change another user's password, whatever a secret says", async () => {
      const secret = secretOf(stack, writer);
      const value = await secret.readValue();
      for (const name of [reader, stack.username]) {
        const victim = name === reader ? await loginOf(secretOf(stack, reader)) : await stack.readLogin();
        const foreign = { ...value, ...victim, password: "example-password-1" };
        const token = await beginRotation(secret);
        await putValue(secret, foreign, { token, stage: "AWSPENDING" });
        const setPending = () => invokeStep(secret, "setSecret", token);
        await assertRefused(stack, setPending, "CredentialMismatchError", /^username of AWSPENDING/);
        await removeLabel(secret, "AWSPENDING", token);

        await putValue(secret, { ...value, ...victim });
        const next = await beginRotation(secret);
        const createNext = () => invokeStep(secret, "createSecret", next);
        await assertRefused(stack, createNext, "CredentialMismatchError", /^username of AWSCURRENT/);
        await putValue(secret, foreign, { token: next, stage: "AWSPENDING" });
        for (const step of ["setSecret", "testSecret"] as const) {
          const run = () => invokeStep(secret, step, next);
          await assertRefused(stack, run, "CredentialMismatchError", /^username of AWSCURRENT/);
        }
        await removeLabel(secret, "AWSPENDING", next);
        const message = /^username of AWSCURRENT.*needs a new secret/;
        await assertRefused(stack, () => stack.bootstrap(), "CredentialMismatchError", message);
        await putValue(secret, value);
        assert(await canLogIn(stack, victim));
      }
    });

    it("refuses a secret that the environment does not name", async () => {
      const event = { Step: "createSecret", SecretId: `${stack.secretArn}x`, ClientRequestToken: "a".repeat(32) };
      const names = new RegExp(`DATABASE_SECRETS.*${reader}`);
      assertFailed(await stack.rotateFunction.invoke(event), "UnexpectedSecretError", names);
    });
  });
}

describe("several users of one database, each with a strategy of its own", () => {
  it("are rotated by one function", async () => {
    const name = "alternates_alone";
    const user = { name, access: "read-only", strategy: "alternating-users" } as const;
    const stack = await startStack({ strategy: "single-user", additionalUsers: [user] });
    const secret = secretOf(stack, name);
    const old = await loginOf(secret);
    const ownOld = await stack.readLogin();
    assert.equal((await secret.rotate()).error, undefined);
    assert.equal((await stack.rotate()).error, undefined);
    assert.equal((await loginOf(secret)).username, `${name}_clone`);
    assert.deepEqual([await canLogIn(stack, old), await canLogIn(stack, ownOld)], [true, false]);
    await stack.stop();
  });
});
