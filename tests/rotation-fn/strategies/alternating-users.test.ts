import assert from "node:assert/strict";
import type { Login } from "../../../local/postgres";
import {
  assertFailed,
  assertSucceeded,
  assertRefused,
  beginRotation,
  canLogIn,
  invokeStep,
  putValue,
  query,
  querySuperuser,
  removeLabel,
  runSteps,
  startDecoy,
  watchServerLog,
  whileLocked,
} from "../../support/rotation";
import { sharedPostgres } from "../../support/postgres";
import { secretOf } from "../../support/several-users";
import { startStack, type TestStack } from "../../support/stack";
import { usersOfOneStack } from "../../support/users-of-one-stack";

describe("setSecret (alternating users)", () => {
  const nextUser = usersOfOneStack("alternating-users");
  let stack: TestStack;
  let clone: string;

  beforeEach(() => {
    stack = nextUser();
    clone = `${stack.username}_clone`;
  });

  /** Runs createSecret, and returns setSecret for assertions. */
  async function readySetSecret() {
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    return () => invokeStep(stack, "setSecret", token);
  }

  async function roleOf(username: string): Promise<object | undefined> {
    const [role] = await querySuperuser(
      stack,
      `select rolcanlogin, rolsuper, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil::text,
          (select array_agg(setting order by setting) from pg_db_role_setting, unnest(setconfig) setting
            where setrole = pg_roles.oid) as settings,
          array(select roleid::regrole::text from pg_auth_members where member = pg_roles.oid) as "memberOf"
        from pg_roles where rolname = $1`,
      [username],
    );
    return role;
  }

  it("creates the clone at the first rotation, and then changes the one that nobody uses", async () => {
    const log = watchServerLog(stack);
    const users: Login[] = [];
    for (let rotation = 1; rotation <= 4; rotation++) {
      assert.equal((await stack.rotate()).error, undefined);
      users.push(await stack.readLogin());
    }
    assert.deepEqual(
      users.map(({ username }) => username),
      [clone, stack.username, clone, stack.username],
    );
    const changes = log.text().match(/statement: (create role|grant|alter role \S+ \w+)/g) ?? [];
    assert.equal(changes.filter((change) => change.endsWith("create role")).length, 1);
    assert.match(
      changes.slice(-3).join(),
      /^(statement: alter role \S+ password,?){3}$/,
      "and nothing but the password",
    );
    const lastTwo = users.slice(-2);
    for (const login of lastTwo) assert(await canLogIn(stack, login), "both stay valid until their turn");
    const [first] = users;
    assert(first && !(await canLogIn(stack, first)));
  });

  it("shares what either user creates with the other", async () => {
    const base = await stack.readLogin();
    await stack.rotate();
    const other = await stack.readLogin();
    assert.deepEqual([base.username, other.username], [stack.username, clone]);
    for (const [creator, user, table] of [
      [base, other, "made_by_base"],
      [other, base, "made_by_clone"],
    ] as const) {
      await query(stack, creator, `create table ${table} (id int primary key)`);
      await query(stack, user, `insert into ${table} values (1)`);
      await query(stack, creator, `update ${table} set id = 2`);
      assert.deepEqual(await query(stack, user, `delete from ${table} returning id`), [{ id: 2 }]);
      await query(stack, user, `alter table ${table} add column note text`);
      await query(stack, user, `drop table ${table}`);
    }
  });

  it("gives the clone its twin's limits and settings at each rotation", async () => {
    await querySuperuser(
      stack,
      `alter role ${stack.username} connection limit 17 valid until '2031-01-02 03:04:05+00'`,
    );
    await querySuperuser(stack, `alter role ${stack.username} set search_path = todo, "Odd, ""name""", '$user'`);
    await querySuperuser(stack, `alter role ${stack.username} set statement_timeout = '7s'`);
    await stack.rotate();
    assert.deepEqual(await roleOf(clone), {
      rolcanlogin: true,
      rolsuper: false,
      rolcreaterole: false,
      rolreplication: false,
      rolbypassrls: false,
      rolconnlimit: 17,
      rolvaliduntil: "2031-01-02 03:04:05+00",
      settings: [`role=${stack.ownerRole}`, `search_path=todo, "Odd, ""name""", "$user"`, "statement_timeout=7s"],
      memberOf: [stack.ownerRole],
    });
    assert.deepEqual(await roleOf(clone), await roleOf(stack.username));

    await querySuperuser(stack, `alter role ${clone} connection limit -1 valid until 'infinity'`);
    await querySuperuser(stack, `alter role ${clone} reset statement_timeout`);
    await querySuperuser(stack, `alter role ${clone} set lock_timeout = '8s'`);
    await querySuperuser(stack, `alter role ${stack.username} reset role`);
    await stack.rotate();
    assert.deepEqual(await roleOf(stack.username), await roleOf(clone));
    assert.match(JSON.stringify(await roleOf(stack.username)), /"rolconnlimit":-1.*"role=owner/);
  });

  it("gives the clone its whole access again where a membership allows less", async () => {
    await stack.rotate();
    await stack.rotate();
    const less = `grant ${stack.ownerRole} to ${clone} with inherit false, set false`;
    await query(stack, stack.postgres.administrator, less);
    assert.equal((await stack.rotate()).error, undefined);
    const has = "select pg_has_role($1, $2, 'USAGE') as usage, pg_has_role($1, $2, 'SET') as set";
    assert.deepEqual(await querySuperuser(stack, has, [clone, stack.ownerRole]), [{ usage: true, set: true }]);
  });

  it("refuses another party's role with the clone's name", async () => {
    await querySuperuser(stack, `create role ${clone} login password 'example-password-1'`);
    const run = await readySetSecret();
    await assertRefused(stack, run, "NotOwnerMemberError", new RegExp(`^role ${clone}: .*run: grant`));
  });

  it("refuses a current user outside the owner role, because its clone would not be equivalent", async () => {
    await query(stack, stack.postgres.administrator, `revoke ${stack.ownerRole} from ${stack.username}`);
    const run = await readySetSecret();
    await assertRefused(stack, run, "NotOwnerMemberError", new RegExp(`^role ${stack.username}: .*run: grant`));
  });

  it("refuses the base name of a user whose own name ends in _clone, if another party owns it", async () => {
    const native = await startStack({ strategy: "alternating-users", username: `native_${stack.database}_clone` });
    await querySuperuser(native, `create role native_${stack.database} login password 'example-password-1'`);
    const token = await beginRotation(native);
    await runSteps(native, token, ["createSecret"]);
    assert.equal((await native.readLogin("AWSPENDING")).username, `native_${stack.database}`);
    const run = () => invokeStep(native, "setSecret", token);
    await assertRefused(native, run, "NotOwnerMemberError", new RegExp(`^role native_${stack.database}: `));
    await native.stop();
  });

  it("sets nothing for a version that lost AWSPENDING while it waited for the lock", async () => {
    await stack.rotate();
    await stack.rotate();
    const idle = await stack.readLogin("AWSPREVIOUS");
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const straggler = await whileLocked(
      stack,
      () => invokeStep(stack, "setSecret", token),
      () => removeLabel(stack, "AWSPENDING", token),
    );
    assertFailed(straggler, "VersionNotPendingError", /without that label/);
    assert(await canLogIn(stack, idle));
  });

  it("waits for the same lock, whichever of the two users is in use", async () => {
    await stack.rotate();
    assert.equal((await stack.readLogin()).username, `${stack.username}_clone`);
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    assertSucceeded(await whileLocked(stack, () => invokeStep(stack, "setSecret", token)));
  });

  it("refuses a candidate of any user but the alternate, and any host but AWSCURRENT's", async () => {
    const decoy = await startDecoy();
    const current = await stack.readValue();
    for (const [field, changes] of Object.entries({
      host: { username: clone, host: "127.0.0.1" },
      port: { username: clone, port: decoy.port },
      dbname: { username: clone, dbname: "postgres" },
      username: { username: stack.postgres.administrator.username },
    })) {
      const token = await beginRotation(stack);
      await putValue(stack, { ...current, password: "example-password-1", ...changes }, { token, stage: "AWSPENDING" });
      for (const step of ["setSecret", "testSecret"] as const) {
        const run = () => invokeStep(stack, step, token);
        await assertRefused(stack, run, "CredentialMismatchError", new RegExp(`^${field} of AWSPENDING`));
      }
      await removeLabel(stack, "AWSPENDING", token);
    }
    assert.equal(decoy.connections(), 0);
    decoy.stop();
  });

  it("names the missing GRANT when the clone was created by another administrator", async () => {
    await querySuperuser(stack, `create role ${clone} login in role ${stack.ownerRole}`);
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const { errorMessage } = assertFailed(
      await invokeStep(stack, "setSecret", token),
      "MissingPrivilegeError",
      /SQLSTATE 42501/,
    );
    const grant = /run: (grant .*)$/.exec(errorMessage)?.[1] ?? "";
    assert.equal(grant, `grant "${clone}" to "${stack.postgres.administrator.username}" with admin option`);
    await querySuperuser(stack, grant);
    await runSteps(stack, token, ["setSecret", "testSecret", "finishSecret"]);
    assert(await canLogIn(stack, await stack.readLogin()));
  });
});

describe("a user that cannot alternate", () => {
  const long = "u".repeat(58);
  let stack: TestStack; // of the superuser and the long name, without roles

  before(async () => {
    const { username } = (await sharedPostgres()).administrator;
    const additionalUsers = [{ name: long, access: "owner" as const }];
    stack = await startStack({ strategy: "alternating-users", username, additionalUsers, bootstrapped: false });
  });
  after(() => stack.stop());

  it("is the superuser itself, however it is configured", async () => {
    await putValue(stack, { engine: "postgres", ...stack.bootstrapInput, ...stack.postgres.administrator });
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const run = () => invokeStep(stack, "setSecret", token);
    await assertRefused(stack, run, "CredentialMismatchError", /^username: .*not the superuser/);
  });

  it("is one with a name that is too long for its alternate, refused already in createSecret", async () => {
    const secret = secretOf(stack, long);
    const value = { engine: "postgres", ...stack.bootstrapInput, username: long, password: "example-password-1" };
    await putValue(secret, value);
    const token = await beginRotation(secret);
    const run = () => invokeStep(secret, "createSecret", token);
    await assertRefused(stack, run, "RoleNameTooLongError", /received 58 bytes; accepted is at most 57/);
  });
});
