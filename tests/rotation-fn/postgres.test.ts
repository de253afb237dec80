import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createServerCertificate } from "../../local/certificates";
import type { PostgresServer } from "../../local/postgres";
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
  runSteps,
  watchServerLog,
} from "../support/rotation";
import { startOwnPostgres } from "../support/postgres";
import { loginOf, secretOf } from "../support/several-users";
import { startStack, type TestStack } from "../support/stack";
import { temporaryFolder } from "../support/temporary-folder";
import { until } from "../support/until";
import { usersOfOneStack } from "../support/users-of-one-stack";

const folder = temporaryFolder();

/** Less than Lambda's own limit, and than the 45 s that a connect may take when there is time. */
const timeoutSeconds = 5;

/** Makes a running rotation test a candidate that points at another server, as AWSCURRENT does. */
async function testElsewhere(stack: TestStack, changes: Record<string, unknown>) {
  const value = { ...(await stack.readValue()), ...changes };
  await putValue(stack, value);
  const token = await beginRotation(stack);
  await putValue(stack, value, { token, stage: "AWSPENDING" });
  return invokeStep(stack, "testSecret", token);
}

describe("the function's connection to PostgreSQL", () => {
  const nextUser = usersOfOneStack("single-user", { timeoutSeconds });
  let stack: TestStack;

  beforeEach(() => {
    stack = nextUser();
  });

  it("refuses a server without TLS: the password is never sent in the clear", async () => {
    const plaintext = await startOwnPostgres({ tls: "off" });
    const result = await testElsewhere(stack, { port: plaintext.port });
    assertFailed(result, "DatabaseTlsError", /received a server without TLS; accepted is TLS/);
    await plaintext.stop();
  });

  it("refuses a server whose certificate is signed by another authority", async () => {
    const { ca } = await createServerCertificate();
    const environment = { PGSSLROOTCERT: folder.write("other-ca.pem", ca) };
    const message = /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY|SIGNATURE/;
    assertFailed(await stack.bootstrap({ environment }), "DatabaseTlsError", message);
  });

  it("refuses a server whose certificate has another name", async () => {
    const environment = { TLS_SERVERNAME: "writer.example.com" };
    assertFailed(await stack.bootstrap({ environment }), "DatabaseTlsError", /ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it("checks the configured name, if any, instead of the host's", async () => {
    // No certificate here is for 127.0.0.2 or its name: only the override can make this login succeed.
    const forward = createServer((socket) => {
      const upstream = connect(stack.postgres.port, "127.0.0.1");
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream]) end.on("error", () => socket.destroy());
    });
    forward.listen(0, "127.0.0.2").unref();
    await once(forward, "listening");
    const { port } = forward.address() as AddressInfo;
    const environment = { TLS_SERVERNAME: "localhost" };
    const configured = await startStack({ strategy: "single-user", timeoutSeconds, environment });
    assertSucceeded(await testElsewhere(configured, { host: "127.0.0.2", port }));
    const refused = await testElsewhere(stack, { host: "127.0.0.2", port });
    assertFailed(refused, "DatabaseTlsError", /ERR_TLS_CERT_ALTNAME_INVALID/);
    await configured.stop();
    forward.close();
  });

  for (const [what, changes, message] of [
    ["nobody listens", { port: 1 }, /ECONNREFUSED/],
    ["the name does not resolve", { host: "database.invalid" }, /ENOTFOUND|EAI_AGAIN/],
  ] as const) {
    it(`fails with the host's name when ${what}`, async () => {
      assertFailed(await testElsewhere(stack, changes), "DatabaseUnavailableError", message);
    });
  }

  it("tries no other credential when the server has no connections left", async () => {
    await querySuperuser(stack, `alter role ${stack.username} connection limit 0`);
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const run = () => invokeStep(stack, "setSecret", token);
    stack.secretsManager.clearCalls();
    await assertRefused(stack, run, "DatabaseUnavailableError", /SQLSTATE 53300/);
    const reads = stack.secretsManager.calls.filter(
      ({ operation, source }) => operation === "GetSecretValue" && source === stack.rotateFunction.name,
    );
    assert.equal(reads.length, 1, "AWSCURRENT only");
  });

  it("waits for a connection while the server has none left", async () => {
    const patient = await startStack({ strategy: "single-user", rotationAttempts: 1 });
    await querySuperuser(patient, `alter role ${patient.username} connection limit 0`);
    const log = watchServerLog(patient);
    const rotation = patient.rotate();
    await until(() => log.text().includes("too many connections for role"));
    await querySuperuser(patient, `alter role ${patient.username} connection limit -1`);
    assert.equal((await rotation).error, undefined);
    assert.equal(log.failedLogins(), 0);
    await patient.stop();
  });

  it("reports a read-only database (25006) as such", async () => {
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    await querySuperuser(stack, `alter role ${stack.username} set default_transaction_read_only = on`);
    await assertRefused(stack, () => invokeStep(stack, "setSecret", token), "ReadOnlyDatabaseError", /read-only/);
  });
});

describe("the function's connection to a PostgreSQL that changes", () => {
  const nextUser = usersOfOneStack("single-user", { timeoutSeconds, ownServer: true });
  let stack: TestStack;
  let server: PostgresServer;

  beforeEach(() => {
    stack = nextUser();
    server = stack.postgres;
  });

  it("waits for a database that resumes from auto-pause", async () => {
    const patient = await startStack({ strategy: "single-user", postgres: server });
    server.suspend();
    const rotation = patient.rotate();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    server.resume();
    assert.deepEqual((await rotation).error, undefined);
    assert(await canLogIn(patient, await patient.readLogin()));
    await patient.stop();
  });

  it("fails with the database's name, before Lambda's own limit, when it does not resume in time", async () => {
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    server.suspend();
    const result = await invokeStep(stack, "setSecret", token);
    assertFailed(result, "DatabaseUnavailableError", /^localhost:\d+: received no answer in time/);
    server.resume();
    await runSteps(stack, token, ["setSecret", "testSecret", "finishSecret"]);
  });

  it("distinguishes a user that may not log in (28000) from a wrong password, and tries no other credential", async () => {
    const hbaFile = join(dirname(server.logFile), "pg_hba.conf");
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const run = () => invokeStep(stack, "setSecret", token);
    const message = new RegExp(`^user ${stack.username} at localhost:\\d+: received a refusal \\(28000\\)`);

    await querySuperuser(stack, `alter role ${stack.username} nologin`);
    const log = watchServerLog(stack);
    await assertRefused(stack, run, "LoginNotPermittedError", message);
    await assertRefused(stack, () => stack.bootstrap(), "LoginNotPermittedError", message);
    await querySuperuser(stack, `alter role ${stack.username} login`);

    const hba = readFileSync(hbaFile, "utf8");
    writeFileSync(hbaFile, `hostssl all ${stack.username} all reject\n${hba}`);
    await querySuperuser(stack, "select pg_reload_conf()");
    await until(() => log.text().includes("reloading configuration files"));
    await assertRefused(stack, run, "LoginNotPermittedError", message);
    assert.equal(log.failedLogins(), 0, "no other credential was tried");

    writeFileSync(hbaFile, hba);
    await querySuperuser(stack, "select pg_reload_conf()");
    await runSteps(stack, token, ["setSecret", "testSecret", "finishSecret"]);
  });

  it("keeps working through a restart of the server", async () => {
    const alternating = await startStack({ strategy: "alternating-users", postgres: server });
    const [rotation] = await Promise.all([alternating.rotate(), server.restart()]);
    assert.equal(rotation.error, undefined);
    assert(await canLogIn(alternating, await alternating.readLogin()));
    await alternating.stop();
  });

  it("refuses a reader, and asks for the writer's endpoint", async () => {
    const token = await beginRotation(stack);
    await runSteps(stack, token, ["createSecret"]);
    const [row] = (await querySuperuser(stack, "show data_directory")) as { data_directory: string }[];
    const signal = join(row?.data_directory ?? "", "standby.signal");
    writeFileSync(signal, "");
    await server.restart();
    const log = watchServerLog(stack);
    const result = await invokeStep(stack, "setSecret", token);
    assertFailed(result, "ReadOnlyDatabaseError", /in recovery.*accepted is the cluster's writer endpoint/);
    assert(!log.text().includes("alter role"));
    rmSync(signal);
    await server.restart();
  });
});

for (const version of [16, 17, 18] as const) {
  describe(`PostgreSQL ${version}, with an administrator that is no superuser`, () => {
    const alternating = `alternating_on_${version}`;
    let stack: TestStack;

    before(async () => {
      const user = { name: alternating, access: "owner", strategy: "alternating-users" } as const;
      stack = await startStack({ strategy: "single-user", version, additionalUsers: [user] });
      const [administrator] = await query(
        stack,
        stack.postgres.administrator,
        "select rolsuper, rolcreaterole from pg_roles where rolname = current_user",
      );
      assert.deepEqual(administrator, { rolsuper: false, rolcreaterole: true });
    });
    after(() => stack.stop());

    for (const strategy of ["single-user", "alternating-users"] as const) {
      it(`is bootstrapped and rotated (${strategy})`, async () => {
        const secret = strategy === "single-user" ? stack : secretOf(stack, alternating);
        for (let rotation = 1; rotation <= 3; rotation++) {
          assert.equal((await secret.rotate()).error, undefined);
          const login = await loginOf(secret);
          const [row] = await query(stack, login, "select session_user, current_user, version() as version");
          assert.deepEqual(row, {
            session_user: login.username,
            current_user: stack.ownerRole,
            version: (row as { version: string }).version,
          });
          assert.match((row as { version: string }).version, new RegExp(`^PostgreSQL ${version}\\.`));
        }
      });
    }
  });
}
