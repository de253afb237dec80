import assert from "node:assert/strict";
import { type DatabaseSecretEntry, formatDatabaseSecrets } from "../../contract/database-secrets";
import type { InvocationResult } from "../../local/lambda";
import { type RotatingSecret, startBundledFunction } from "../../local/rotating-secret";
import type { BootstrapResult } from "../../rotation-fn/bootstrap";
import {
  assertFailed,
  assertRefused,
  assertSucceeded,
  beginRotation,
  canLogIn,
  invokeStep,
  putValue,
  query,
  querySuperuser,
  removeLabel,
  type RotatingStack,
  runSteps,
} from "../support/rotation";
import { readDocument } from "../support/markdown";
import { startStack, type TestStack } from "../support/stack";

type Change = Partial<Pick<DatabaseSecretEntry, "access" | "strategy">>;

/** An additional user of the stack, as the steps of a rotation need it. */
function secretOf({ additional, secretsManager }: TestStack, name: string): RotatingStack & RotatingSecret {
  const secret = additional[name];
  assert(secret);
  return { ...secret, secretsManager };
}

async function loginOf(secret: RotatingSecret) {
  const { username, password } = await secret.readValue();
  return { username: String(username), password: String(password) };
}

/** Bootstrap, as `up` invokes it after a change: of the users that are left, each as it is now. */
async function bootstrapWith(stack: TestStack, users: Readonly<Record<string, Change>>): Promise<InvocationResult> {
  const { secrets, secretsManager, postgres, superuserSecretArn, ownerRole } = stack;
  const listed = secrets.flatMap((entry) => {
    const change = entry.username === stack.username ? {} : users[entry.username];
    return change ? [{ ...entry, ...change }] : [];
  });
  const fn = startBundledFunction({
    name: "bootstrap-after-a-change",
    handler: "bootstrap",
    secretsManager,
    execPath: process.env.BUNDLE_NODE ?? process.execPath,
    environment: {
      DATABASE_SECRETS: formatDatabaseSecrets(listed),
      SUPERUSER_SECRET_ARN: superuserSecretArn,
      OWNER_ROLE: ownerRole,
      PGSSLROOTCERT: postgres.caFile,
    },
  });
  try {
    return await fn.invoke(stack.bootstrapInput);
  } finally {
    await fn.stop();
  }
}

for (const strategy of ["single-user", "alternating-users"] as const) {
  describe(`several users of one database (${strategy})`, () => {
    let stack: TestStack;
    let writer: string;
    let reader: string;
    let second: string;

    async function start(bootstrapped: boolean): Promise<void> {
      const { database } = await startStack({ strategy, bootstrapped: false });
      [writer, reader, second] = [`writer_${database}`, `reader_${database}`, `second_${database}`];
      stack = await startStack({
        strategy,
        bootstrapped,
        additionalUsers: [
          { name: writer, access: "read-write" },
          { name: reader, access: "read-only" },
          { name: second, access: "owner" },
        ],
      });
    }
    const everybody = () => ({ [writer]: {}, [reader]: {}, [second]: {} });
    const refused = async (login: Awaited<ReturnType<typeof loginOf>>, sql: string) =>
      assert.rejects(query(stack, login, sql), { code: "42501" }, `${login.username}: ${sql}`);
    const grantedRoles = (name: string) =>
      querySuperuser(
        stack,
        "select roleid::regrole::text as role from pg_auth_members where member = $1::regrole order by 1",
        [name],
      );
    const namesInTurn = (name: string) => (strategy === "single-user" ? [name] : [name, `${name}_clone`]);

    describe("in use", () => {
      before(() => start(true));
      after(() => stack.stop());

      it("each have a first value that logs in, and leads to the database", async () => {
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

      it("are rotated by one function, each by itself", async () => {
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

      it("may do what their access says, and no more, in a table that is made later and under each name", async () => {
        await query(stack, await stack.readLogin(), "drop table if exists later");
        await query(stack, await stack.readLogin(), "create table later (id serial primary key, what text)");
        const seen = new Map([writer, reader, second].map((name) => [name, new Set<string>()]));
        for (let turn = 0; turn < 2; turn++) {
          const [write, read, own] = await Promise.all(
            [writer, reader, second].map((n) => loginOf(secretOf(stack, n))),
          );
          assert(write && read && own);
          for (const table of ["later", "todos"]) {
            await query(stack, read, `select * from ${table}`);
            await refused(read, `delete from ${table}`);
            await refused(write, `drop table ${table}`);
            await refused(write, `truncate ${table}`);
          }
          await query(stack, write, "insert into later (what) values ('one'); update later set what = 'two'");
          assert.deepEqual(await query(stack, read, "select what from later"), [{ what: "two" }]);
          await refused(read, "insert into later (what) values ('no')");
          await refused(read, "update later set what = 'no'");
          await refused(read, "select nextval('later_id_seq')");
          await query(stack, write, "delete from later");
          for (const login of [write, read]) {
            await refused(login, "create table own ()");
            await refused(login, "create schema own");
            await refused(login, `set role ${stack.ownerRole}`);
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
        for (const [name, names] of seen) assert.deepEqual([...names].sort(), namesInTurn(name));
      });

      it("never change another one's password, whatever a secret says", async () => {
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

    describe("that come, go and change", () => {
      beforeEach(() => start(false));
      afterEach(() => stack.stop());

      it("are added to a living stack, of which nothing else changes", async () => {
        assertSucceeded(await bootstrapWith(stack, { [writer]: {} }));
        assert.equal((await stack.rotate()).error, undefined);
        const before = [await stack.readValue(), await secretOf(stack, writer).readValue()];
        const { payload } = await bootstrapWith(stack, { [writer]: {}, [reader]: {} });
        const kept = { role: "existed", password: "kept", secret: "kept" };
        const users = {
          ...{ [stack.username]: kept, [writer]: kept },
          [reader]: { role: "created", password: "set", secret: "created" },
        };
        assert.deepEqual(payload, { ownerRole: "existed", users, lockedOut: [] });
        assert.deepEqual([await stack.readValue(), await secretOf(stack, writer).readValue()], before);
        await query(stack, await loginOf(secretOf(stack, reader)), "select from todos");
      });

      it("are locked out when they are no longer listed, under each name, and let in when they are again", async () => {
        assertSucceeded(await stack.bootstrap());
        const secret = secretOf(stack, writer);
        const logins = [await loginOf(secret)];
        assert.equal((await secret.rotate()).error, undefined);
        logins.push(await loginOf(secret));
        const valid = strategy === "single-user" ? logins.slice(1) : logins;
        for (const login of valid) assert(await canLogIn(stack, login));
        const { payload } = await bootstrapWith(stack, { [reader]: {} });
        const expected = [...namesInTurn(writer), second].sort();
        assert.deepEqual([...(payload as BootstrapResult).lockedOut].sort(), expected);
        for (const login of valid) await assert.rejects(query(stack, login, "select"), { code: "28000" });
        for (const login of [await loginOf(secretOf(stack, reader)), await stack.readLogin()]) {
          assert(await canLogIn(stack, login));
        }
        const again = await stack.bootstrap();
        assertSucceeded(again);
        const { role } = (again.payload as BootstrapResult).users[writer] ?? {};
        assert.equal(role, "let in again");
        for (const login of valid) assert(await canLogIn(stack, login));
      });

      it("can be dropped for good as docs/several-users.md says", async () => {
        assertSucceeded(await stack.bootstrap());
        assertSucceeded(await bootstrapWith(stack, {}));
        const [, sql = ""] = /```sql\n([^`]*)```/.exec(readDocument("docs/several-users.md")) ?? [];
        const own = sql.replaceAll("report", reader).replaceAll("todo_owner", stack.ownerRole);
        await query(stack, stack.postgres.administrator, own);
        assert.deepEqual(await querySuperuser(stack, "select from pg_roles where rolname = $1", [reader]), []);
      });

      it("are not let in when it was somebody else who locked them out", async () => {
        assertSucceeded(await stack.bootstrap());
        await querySuperuser(stack, `alter role ${writer} nologin`);
        assertFailed(await stack.bootstrap(), "LoginNotPermittedError", new RegExp(writer));
      });

      it("are the only ones that are locked out: a person's own role with the same access stays", async () => {
        assertSucceeded(await stack.bootstrap());
        const person = `person_${stack.database}`;
        await querySuperuser(stack, `create role ${person} login password 'example-password-1'`);
        await querySuperuser(stack, `grant ${stack.ownerRole} to ${person}`);
        const { payload } = await bootstrapWith(stack, {});
        assert(!(payload as BootstrapResult).lockedOut.includes(person));
        assert(await canLogIn(stack, { username: person, password: "example-password-1" }));
      });

      it("change their access, under each name", async () => {
        assertSucceeded(await stack.bootstrap());
        const rotated = secretOf(stack, second);
        assert.equal((await rotated.rotate()).error, undefined); // alternating users: now there is a clone
        await query(stack, await loginOf(rotated), "create table mine ()");
        assertSucceeded(await bootstrapWith(stack, { ...everybody(), [second]: { access: "read-only" } }));
        const readOnly = await grantedRoles(reader);
        for (const name of namesInTurn(second)) assert.deepEqual(await grantedRoles(name), readOnly);
        await query(stack, await loginOf(rotated), "select from todos, mine");
        await refused(await loginOf(rotated), "drop table mine");
        assertSucceeded(await bootstrapWith(stack, { ...everybody(), [second]: { access: "read-write" } }));
        await query(stack, await loginOf(rotated), "delete from mine");
        await refused(await loginOf(rotated), "drop table mine");
        assertSucceeded(await bootstrapWith(stack, everybody()));
        await query(stack, await loginOf(rotated), "drop table mine");
      });

      it("keep no access that somebody else gave them, without a word of it", async () => {
        assertSucceeded(await stack.bootstrap());
        await querySuperuser(stack, `grant ${stack.ownerRole} to ${reader}`);
        const run = () => stack.bootstrap();
        const message = new RegExp(`another role granted.*revoke "${stack.ownerRole}" from "${reader}"`);
        await assertRefused(stack, run, "MissingPrivilegeError", message);
      });

      it("are not made where a name is somebody else's, and nothing is", async () => {
        for (const name of namesInTurn(reader)) {
          await querySuperuser(stack, `create role ${name} login`);
          await assertRefused(stack, () => stack.bootstrap(), "NotOwnerMemberError", new RegExp(`^role ${name}: `));
          await querySuperuser(stack, `drop role ${name}`);
        }
        const role = `${stack.ownerRole}_read_only`;
        await querySuperuser(stack, `create role ${role}`);
        await assertRefused(stack, () => stack.bootstrap(), "RoleNameTakenError", new RegExp(`^role ${role}: `));
        await querySuperuser(stack, `drop role ${role}`);
        assertSucceeded(await stack.bootstrap());
      });

      it("are bootstrapped beside a rotation of one of them, which goes on", async () => {
        assertSucceeded(await stack.bootstrap());
        const secret = secretOf(stack, reader);
        const token = await beginRotation(secret);
        await runSteps(secret, token, ["createSecret", "setSecret"]);
        assertSucceeded(await bootstrapWith(stack, { [reader]: {}, [writer]: {} }));
        await runSteps(secret, token, ["testSecret", "finishSecret"]);
        assert(await canLogIn(stack, await loginOf(secret)));
      });

      it("get their rights beside a table of somebody else in the schema, which keeps its own", async () => {
        assertSucceeded(await bootstrapWith(stack, {}));
        await querySuperuser(stack, "create table todo.foreign_one ()");
        assertSucceeded(await stack.bootstrap());
        const login = await loginOf(secretOf(stack, reader));
        await query(stack, login, "select from todos");
        await refused(login, "select from foreign_one");
      });
    });
  });
}

describe("several users of one database, each with a strategy of its own", () => {
  it("are rotated by one function", async () => {
    const other = await startStack({ strategy: "single-user", bootstrapped: false });
    const name = `alternating_${other.database}`;
    const user = { name, access: "read-only", strategy: "alternating-users" } as const;
    const stack = await startStack({ strategy: "single-user", additionalUsers: [user] });
    const secret = secretOf(stack, name);
    const old = await loginOf(secret);
    const ownOld = await stack.readLogin();
    assert.equal((await secret.rotate()).error, undefined);
    assert.equal((await stack.rotate()).error, undefined);
    assert.equal((await loginOf(secret)).username, `${name}_clone`);
    assert.deepEqual([await canLogIn(stack, old), await canLogIn(stack, ownOld)], [true, false]);
    await Promise.all([stack.stop(), other.stop()]);
  });
});
