import assert from "node:assert/strict";
import type { BootstrapResult } from "../../../rotation-fn/bootstrap";
import {
  assertFailed,
  assertRefused,
  assertSucceeded,
  beginRotation,
  canLogIn,
  putValue,
  query,
  querySuperuser,
  runSteps,
  watchServerLog,
  whileLocked,
} from "../../support/rotation";
import { startStack, type TestStack } from "../../support/stack";
import { ChangingStack } from "../../support/switching";
import { until } from "../../support/until";

/** What bootstrap answers for a stack with one user; nothing was done unless the changes say so. */
function done(
  { username }: TestStack,
  { ownerRole = "existed", ...changes }: Partial<Record<"ownerRole" | "role" | "password" | "secret", string>> = {},
): unknown {
  const users = { [username]: { role: "existed", password: "kept", secret: "kept", ...changes } };
  return { ownerRole, users, lockedOut: [] };
}

describe("bootstrap", () => {
  let stack: TestStack;

  beforeEach(async () => {
    stack = await startStack({ strategy: "single-user", bootstrapped: false });
  });
  afterEach(() => stack.stop());

  async function bootstrapped(input: Record<string, unknown> = {}): Promise<unknown> {
    const result = await stack.bootstrap({ input });
    assertSucceeded(result);
    return result.payload;
  }

  /** By the bundle, in a process of its own. */
  const invoke = () => stack.bootstrapFunction.invoke(stack.bootstrapInput);

  it("creates the roles, the schema and the first value, and returns no secret value", async () => {
    const everything = { ownerRole: "created", role: "created", password: "set", secret: "created" };
    assert.deepEqual((await invoke()).payload, done(stack, everything));
    const { password, ...rest } = await stack.readValue();
    assert.deepEqual(rest, { engine: "postgres", ...stack.bootstrapInput, username: stack.username });
    assert.match(String(password), /^[\w.~-]{32}$/);
    const login = await stack.readLogin();
    assert.deepEqual(await query(stack, login, "select current_user, count(*)::int from todos group by 1"), []);
    const [role] = await querySuperuser(stack, "select rolcanlogin from pg_roles where rolname = $1", [
      stack.ownerRole,
    ]);
    assert.deepEqual(role, { rolcanlogin: false });
    const owners = await querySuperuser(stack, "select distinct tableowner from pg_tables where schemaname = 'todo'");
    assert.deepEqual(owners, [{ tableowner: stack.ownerRole }]);
  });

  it("does not change a value that logs in when run again", async () => {
    await bootstrapped();
    const value = await stack.readValue();
    const log = watchServerLog(stack);
    assert.deepEqual(await bootstrapped(), done(stack));
    assert.deepEqual(await stack.readValue(), value);
    assert.doesNotMatch(log.text(), /alter role \S+ password/);
  });

  it("keeps the data when run again", async () => {
    await bootstrapped();
    const login = await stack.readLogin();
    await query(stack, login, "insert into todos (id, title) values (gen_random_uuid(), 'stays')");
    await bootstrapped();
    assert.deepEqual(await query(stack, login, "select title from todos"), [{ title: "stays" }]);
  });

  it("completes a half-finished run: the role exists and the value does not", async () => {
    stack.secretsManager.inject({ operation: "PutSecretValue", error: "AccessDeniedException" });
    assertFailed(await stack.bootstrap(), "SecretAccessDeniedError", /PutSecretValue/);
    stack.secretsManager.clearFaults();
    assert.deepEqual(await querySuperuser(stack, "select from pg_roles where rolname = $1", [stack.username]), []);
    await bootstrapped();
    assert(await canLogIn(stack, await stack.readLogin()));
  });

  it("completes a half-finished run: the value exists and the role does not, so the value's password is set", async () => {
    const { username } = stack;
    const value = {
      engine: "postgres",
      ...stack.bootstrapInput,
      username,
      password: "example-password-1",
      note: "kept",
    };
    await putValue(stack, value);
    const half = { ownerRole: "created", role: "created", password: "set" };
    assert.deepEqual(await bootstrapped(), done(stack, half));
    assert(await canLogIn(stack, { username: stack.username, password: "example-password-1" }));
  });

  it("restores access with AWSCURRENT's password for a user that nothing logs in as any more", async () => {
    await bootstrapped();
    await querySuperuser(stack, `alter role ${stack.username} password 'example-password-of-nobody'`);
    const login = await stack.readLogin();
    assert(!(await canLogIn(stack, login)));
    assert.deepEqual(await bootstrapped(), done(stack, { password: "set" }));
    assert(await canLogIn(stack, login));
  });

  it("does not disturb a rotation between setSecret and finishSecret, when AWSCURRENT does not log in", async () => {
    await bootstrapped();
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret", "setSecret"]);
    assert.deepEqual(await bootstrapped(), done(stack));
    await runSteps(stack, token, ["testSecret", "finishSecret"]);
    assert(await canLogIn(stack, await stack.readLogin()));
  });

  it("points the secret at a new cluster, keeping password and unknown keys", async () => {
    await bootstrapped();
    await putValue(stack, { ...(await stack.readValue()), note: "kept" });
    const value = await stack.readValue();
    const dbClusterIdentifier = "another-cluster";
    assert.deepEqual(await bootstrapped({ dbClusterIdentifier }), done(stack, { secret: "updated" }));
    assert.deepEqual(await stack.readValue(), { ...value, dbClusterIdentifier });
  });

  it("changes no value during a rotation, and says when to run it again", async () => {
    await bootstrapped();
    await beginRotation(stack);
    const run = () => stack.bootstrap({ input: { dbClusterIdentifier: "another-cluster" } });
    await assertRefused(stack, run, "RotationUnderWayError", /wait for the rotation/);
  });

  it("writes one value that logs in when run twice at the same time", async () => {
    const results = await Promise.all([invoke(), invoke()]);
    results.forEach(assertSucceeded);
    assert(await canLogIn(stack, await stack.readLogin()));
    const secrets = results.map(({ payload }) => (payload as BootstrapResult).users[stack.username]?.secret);
    assert.deepEqual(secrets.sort(), ["created", "kept"]);
  });

  it("waits for a running rotation of the same user", async () => {
    assertSucceeded(await whileLocked(stack, () => stack.bootstrap()));
  });

  it("refuses another party's role of that name", async () => {
    await querySuperuser(stack, `create role ${stack.username} login password 'example-password-1'`);
    await assertRefused(stack, () => stack.bootstrap(), "NotOwnerMemberError", /^role /);
  });

  it("refuses another user's value", async () => {
    await bootstrapped();
    await putValue(stack, { ...(await stack.readValue()), username: "somebody" });
    const message = /^username of AWSCURRENT.*needs a new secret/;
    await assertRefused(stack, () => stack.bootstrap(), "CredentialMismatchError", message);
  });

  it("refuses a database that does not exist, and changes nothing", async () => {
    await bootstrapped();
    const run = () => stack.bootstrap({ input: { dbname: "shop" } });
    await assertRefused(stack, run, "DatabaseNotFoundError", /^database shop .*create database/);
  });

  it("does not replace a value that it cannot read", async () => {
    await putValue(stack, "{broken");
    await assertRefused(stack, () => stack.bootstrap(), "SecretNotJsonError", /AWSCURRENT/);
  });

  it("refuses an input with a missing or wrong key, and names it", async () => {
    const wrongInputs: [changes: Record<string, unknown>, message: RegExp][] = [
      [{ host: undefined }, /^host: received nothing/],
      [{ port: "5432" }, /^port: received string/],
      [{ port: 0 }, /^port: .*1 to 65535/],
      [{ dbname: "" }, /^dbname/],
      [{ dbClusterIdentifier: 1 }, /^dbClusterIdentifier/],
    ];
    for (const [changes, message] of wrongInputs) {
      const run = () => stack.bootstrapFunction.invoke({ ...stack.bootstrapInput, ...changes });
      await assertRefused(stack, run, "InvalidEventError", message);
    }
  });

  it("keeps every password out of every log and its answer", async () => {
    const log = watchServerLog(stack);
    const { payload: answer } = await invoke();
    const secrets = [(await stack.readLogin()).password, stack.postgres.administrator.password];
    const functionLog = () => stack.bootstrapFunction.logs.join("\n");
    await until(() => functionLog().includes('"message":"succeeded"'));
    assert(log.text().includes("SCRAM-SHA-256$4096:"));
    for (const secret of secrets) {
      for (const text of [log.text(), functionLog(), JSON.stringify(answer)]) assert(!text.includes(secret));
    }
  });
});

describe("bootstrap (alternating users)", () => {
  it("names the superuser secret in the value, and removes it when the strategy changes", async () => {
    const stack = await startStack({ strategy: "alternating-users" });
    assert.equal((await stack.readValue()).masterarn, stack.superuserSecretArn);
    const changing = new ChangingStack(stack);
    const result = await changing.bootstrap({ rotationImplementation: "custom", rotationStrategy: "single-user" });
    assert.deepEqual(result, done(stack, { secret: "updated" }));
    assert.equal((await stack.readValue()).masterarn, undefined);
    await stack.stop();
  });

  it("leaves the clone unchanged when it is its turn", async () => {
    const stack = await startStack({ strategy: "alternating-users" });
    await stack.rotate();
    const value = await stack.readValue();
    assert.equal(value.username, `${stack.username}_clone`);
    const result = await stack.bootstrap();
    assert.deepEqual(result.payload, done(stack));
    assert.deepEqual(await stack.readValue(), value);
    await stack.stop();
  });
});
