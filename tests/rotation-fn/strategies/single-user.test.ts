import assert from "node:assert/strict";
import {
  assertFailed,
  assertRefused,
  assertSucceeded,
  beginRotation,
  canLogIn,
  invokeStep,
  putValue,
  querySuperuser,
  removeLabel,
  runSteps,
  startDecoy,
  watchServerLog,
  whileLocked,
} from "../../support/rotation";
import { startStack, type TestStack } from "../../support/stack";
import { usersOfOneStack } from "../../support/users-of-one-stack";

describe("setSecret (single user)", () => {
  const nextUser = usersOfOneStack("single-user");
  let stack: TestStack;

  beforeEach(() => {
    stack = nextUser();
  });

  const setPassword = (password: string) =>
    querySuperuser(stack, `alter role ${stack.username} password '${password}'`);

  it("tries no other credential while AWSCURRENT logs in", async () => {
    const log = watchServerLog(stack);
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret", "setSecret"]);
    assert.deepEqual([log.logins(), log.failedLogins()], [[stack.username], 0]);
    assert(await canLogIn(stack, await stack.readLogin("AWSPENDING")));
    assert(!(await canLogIn(stack, await stack.readLogin())));
  });

  it("finds its work done when an earlier try has set the password", async () => {
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret", "setSecret"]);
    const log = watchServerLog(stack);
    await runSteps(stack, token, ["setSecret"]);
    assert.deepEqual([log.logins(), log.failedLogins()], [[stack.username], 1]);
    assert(!log.text().includes("alter role"));
    assert(await canLogIn(stack, await stack.readLogin("AWSPENDING")));
  });

  it("logs in with AWSPREVIOUS when an earlier rotation died and left that one in the database", async () => {
    const { password } = await stack.readLogin();
    await stack.rotate();
    await setPassword(password);
    assert.equal((await stack.rotate()).error, undefined);
    assert(await canLogIn(stack, await stack.readLogin()));
  });

  it("gives up when none of the three logs in, and says how to recover", async () => {
    await stack.rotate();
    await setPassword("example-password-of-nobody");
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const run = () => invokeStep(stack, "setSecret", token);
    await assertRefused(stack, run, "LoginRefusedError", /AWSCURRENT, AWSPENDING and AWSPREVIOUS.*runbook/);
  });

  it("ignores a broken AWSPREVIOUS, unless it is needed", async () => {
    const value = await stack.readValue();
    await putValue(stack, "broken");
    await putValue(stack, value);
    assert.equal((await stack.rotate()).error, undefined);

    await putValue(stack, "broken");
    await putValue(stack, value);
    const outcome = await stack.rotate();
    assert.match(outcome.error ?? "", /SecretNotJsonError: AWSPREVIOUS/);
  });

  it("refuses an AWSPREVIOUS that does not match AWSCURRENT, before any connection", async () => {
    const decoy = await startDecoy();
    const value = await stack.readValue();
    await putValue(stack, { ...value, port: decoy.port });
    await putValue(stack, { ...value, password: "example-password-of-nobody" });
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const run = () => invokeStep(stack, "setSecret", token);
    await assertRefused(stack, run, "CredentialMismatchError", /^port of AWSPREVIOUS/);
    assert.equal(decoy.connections(), 0);
    decoy.stop();
  });

  it("lets two concurrent invocations of one rotation both succeed", async () => {
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const results = await Promise.all([1, 2, 3].map(() => invokeStep(stack, "setSecret", token)));
    results.forEach(assertSucceeded);
    await runSteps(stack, token, ["testSecret", "finishSecret"]);
    assert(await canLogIn(stack, await stack.readLogin()));
  });

  it("does not set the password of a version that lost AWSPENDING while it waited for the lock", async () => {
    const login = await stack.readLogin();
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const straggler = await whileLocked(
      stack,
      () => invokeStep(stack, "setSecret", token),
      () => removeLabel(stack, "AWSPENDING", token),
    );
    assertFailed(straggler, "VersionNotPendingError", /without that label/);
    assert(await canLogIn(stack, login));
  });

  it("has no superuser: it reads only its own secret", async () => {
    stack.secretsManager.clearCalls();
    await stack.rotate();
    const byFunction = stack.secretsManager.calls.filter(({ source }) => source === stack.rotateFunction.name);
    assert.deepEqual(new Set(byFunction.map(({ secretId }) => secretId)), new Set([stack.secretArn]));
  });

  it("rotates an alternate's name that an earlier strategy left as AWSCURRENT", async () => {
    const clone = `${stack.username}_clone`;
    await querySuperuser(stack, `create role ${clone} login password 'example-password-1' in role ${stack.ownerRole}`);
    await putValue(stack, { ...(await stack.readValue()), username: clone, password: "example-password-1" });
    assert.equal((await stack.rotate()).error, undefined);
    const login = await stack.readLogin();
    assert.equal(login.username, clone);
    assert(await canLogIn(stack, login));
  });
});

describe("a candidate that does not match AWSCURRENT (single user)", () => {
  let stack: TestStack;
  let decoy: Awaited<ReturnType<typeof startDecoy>>;

  before(async () => {
    stack = await startStack({ strategy: "single-user", timeoutSeconds: 5 });
    decoy = await startDecoy();
  });
  after(async () => {
    decoy.stop();
    await stack.stop();
  });

  /** Stages a manually written candidate. */
  async function stage(changes: Record<string, unknown>): Promise<string> {
    const token = await beginRotation(stack);
    const value = { ...(await stack.readValue()), password: "example-password-1", ...changes };
    await putValue(stack, value, { token, stage: "AWSPENDING" });
    return token;
  }

  const mismatches = {
    host: () => ({ host: "127.0.0.1" }),
    port: () => ({ port: decoy.port }),
    dbname: () => ({ dbname: "postgres" }),
    username: () => ({ username: stack.postgres.administrator.username }),
  };
  for (const [key, changes] of Object.entries(mismatches)) {
    for (const step of ["setSecret", "testSecret"] as const) {
      it(`is refused in ${step} for its ${key}, without a connection to its host`, async () => {
        const token = await stage(changes());
        const connections = decoy.connections();
        const log = watchServerLog(stack);
        const run = () => invokeStep(stack, step, token);
        await assertRefused(stack, run, "CredentialMismatchError", new RegExp(`^${key} of AWSPENDING`));
        assert.equal(decoy.connections(), connections);
        assert(!log.text().includes("alter role"));
        if (step === "testSecret") assert.deepEqual(log.logins(), []);
        await removeLabel(stack, "AWSPENDING", token);
      });
    }
  }

  it("would have been connected to, if AWSCURRENT pointed there", async () => {
    const before = decoy.connections();
    const value = await stack.readValue();
    const misled = { ...value, port: decoy.port };
    await putValue(stack, misled);
    const token = await beginRotation(stack);
    await putValue(stack, misled, { token, stage: "AWSPENDING" });
    const result = await invokeStep(stack, "testSecret", token);
    assertFailed(result, "DatabaseUnavailableError", /a closed connection|ECONNRESET/);
    assert(decoy.connections() > before);
    await removeLabel(stack, "AWSPENDING", token);
    await putValue(stack, value);
  });
});
