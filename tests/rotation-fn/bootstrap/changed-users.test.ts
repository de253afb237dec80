import assert from "node:assert/strict";
import type { BootstrapResult } from "../../../rotation-fn/bootstrap";
import { readDocument } from "../../support/markdown";
import {
  assertFailed,
  assertRefused,
  assertSucceeded,
  beginRotation,
  canLogIn,
  query,
  querySuperuser,
  runSteps,
} from "../../support/rotation";
import {
  assertForbidden,
  bootstrapWith,
  loginOf,
  namesInTurn,
  secretOf,
  startSeveralUsers,
} from "../../support/several-users";
import type { TestStack } from "../../support/stack";

for (const strategy of ["single-user", "alternating-users"] as const) {
  describe(`users that are added, removed and changed (${strategy})`, () => {
    let stack: TestStack;
    let writer: string;
    let reader: string;
    let second: string;

    const everybody = () => ({ [writer]: {}, [reader]: {}, [second]: {} });
    const grantedRoles = (name: string) =>
      querySuperuser(
        stack,
        "select roleid::regrole::text as role from pg_auth_members where member = $1::regrole order by 1",
        [name],
      );

    beforeEach(async () => {
      ({ stack, writer, reader, second } = await startSeveralUsers(strategy, { bootstrapped: false }));
    });
    afterEach(() => stack.stop());

    it("are added to a running stack without changing anything else", async () => {
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

    it("are locked out under each name when no longer listed, and let in when listed again", async () => {
      assertSucceeded(await stack.bootstrap());
      const secret = secretOf(stack, writer);
      const logins = [await loginOf(secret)];
      assert.equal((await secret.rotate()).error, undefined);
      logins.push(await loginOf(secret));
      const valid = strategy === "single-user" ? logins.slice(1) : logins;
      for (const login of valid) assert(await canLogIn(stack, login));
      const { payload } = await bootstrapWith(stack, { [reader]: {} });
      const expected = [...namesInTurn(strategy, writer), second].sort();
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

    it("can be dropped permanently as docs/several-users.md says", async () => {
      assertSucceeded(await stack.bootstrap());
      assertSucceeded(await bootstrapWith(stack, {}));
      const [, sql = ""] = /```sql\n([^`]*)```/.exec(readDocument("docs/several-users.md")) ?? [];
      const own = sql.replaceAll("report", reader).replaceAll("todo_owner", stack.ownerRole);
      await query(stack, stack.postgres.administrator, own);
      assert.deepEqual(await querySuperuser(stack, "select from pg_roles where rolname = $1", [reader]), []);
    });

    it("are not let in if another party locked them out", async () => {
      assertSucceeded(await stack.bootstrap());
      await querySuperuser(stack, `alter role ${writer} nologin`);
      assertFailed(await stack.bootstrap(), "LoginNotPermittedError", new RegExp(writer));
    });

    it("are the only ones locked out: a person's own role with the same access stays", async () => {
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
      for (const name of namesInTurn(strategy, second)) assert.deepEqual(await grantedRoles(name), readOnly);
      await query(stack, await loginOf(rotated), "select from todos, mine");
      await assertForbidden(stack, await loginOf(rotated), "drop table mine");
      assertSucceeded(await bootstrapWith(stack, { ...everybody(), [second]: { access: "read-write" } }));
      await query(stack, await loginOf(rotated), "delete from mine");
      await assertForbidden(stack, await loginOf(rotated), "drop table mine");
      assertSucceeded(await bootstrapWith(stack, everybody()));
      await query(stack, await loginOf(rotated), "drop table mine");
    });

    it("make bootstrap fail, with the command to run, while they have access that another role granted", async () => {
      assertSucceeded(await stack.bootstrap());
      await querySuperuser(stack, `grant ${stack.ownerRole} to ${reader}`);
      const run = () => stack.bootstrap();
      const message = new RegExp(`another role granted.*revoke "${stack.ownerRole}" from "${reader}"`);
      await assertRefused(stack, run, "MissingPrivilegeError", message);
    });

    it("are not created if another party owns a name, and neither is anything else", async () => {
      for (const name of namesInTurn(strategy, reader)) {
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

    it("are bootstrapped during a rotation of one of them, which continues", async () => {
      assertSucceeded(await stack.bootstrap());
      const secret = secretOf(stack, reader);
      const token = await beginRotation(secret);
      await runSteps(secret, token, ["createSecret", "setSecret"]);
      assertSucceeded(await bootstrapWith(stack, { [reader]: {}, [writer]: {} }));
      await runSteps(secret, token, ["testSecret", "finishSecret"]);
      assert(await canLogIn(stack, await loginOf(secret)));
    });

    it("get their rights despite another party's table in the schema, which keeps its own", async () => {
      assertSucceeded(await bootstrapWith(stack, {}));
      await querySuperuser(stack, "create table todo.foreign_one ()");
      assertSucceeded(await stack.bootstrap());
      const login = await loginOf(secretOf(stack, reader));
      await query(stack, login, "select from todos");
      await assertForbidden(stack, login, "select from foreign_one");
    });
  });
}
