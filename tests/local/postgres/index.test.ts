import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import { createServerCertificate } from "../../../local/certificates";
import { startPostgres, type PostgresServer, type PostgresVersion } from "../../../local/postgres";
import { loginConfig } from "../../support/postgres";
import { isRunning, listDescendants } from "../../support/processes";

async function withClient<T>(config: ClientConfig, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(config);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function query(config: ClientConfig, sql: string): Promise<unknown[]> {
  return withClient(config, async (client) => (await client.query<Record<string, unknown>>(sql)).rows);
}

const versions = [16, 17, 18] as const satisfies readonly PostgresVersion[];
const servers = new Map<PostgresVersion, PostgresServer>();

const serverOf = (version: PostgresVersion): PostgresServer => servers.get(version) ?? assert.fail();

before(async () => {
  const started = await Promise.all([startPostgres({ version: 16 }), startPostgres(), startPostgres({ version: 18 })]);
  for (const [i, server] of started.entries()) servers.set(versions[i] ?? assert.fail(), server);
});

after(() => Promise.all([...servers.values()].map((server) => server.stop())));

/** The folders of the servers that run, or are supervised, below this process. */
function serverFolders(): ReadonlySet<string> {
  const commands = listDescendants(process.pid).map(({ command }) => command);
  return new Set(commands.flatMap((command) => /\S*todo-rotation-postgres-\w+/.exec(command) ?? []));
}

for (const version of versions) {
  describe(`startPostgres, ${version === 17 ? "by default version 17" : `version ${version}`}`, () => {
    let server: PostgresServer;
    let asAdministrator: ClientConfig;
    let asSuperuser: ClientConfig;

    before(() => {
      server = serverOf(version);
      asAdministrator = loginConfig(server, server.administrator);
      asSuperuser = loginConfig(server, server.superuser);
    });

    it("starts that version", async () => {
      assert.equal(server.version, version);
      const [row] = await query(asAdministrator, "select current_setting('server_version_num')::int / 10000 as major");
      assert.deepEqual(row, { major: version });
    });

    it("returns an administrator that is not a superuser", async () => {
      const roles = await query(
        asAdministrator,
        `select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls
           from pg_roles where rolname in ('${server.administrator.username}', 'rds_superuser') order by rolname`,
      );
      const plain = { rolsuper: false, rolinherit: true, rolreplication: false, rolbypassrls: false };
      assert.deepEqual(roles, [
        { rolname: "postgres_admin", ...plain, rolcreaterole: true, rolcreatedb: true, rolcanlogin: true },
        { rolname: "rds_superuser", ...plain, rolcreaterole: false, rolcreatedb: false, rolcanlogin: false },
      ]);
    });

    it("makes it a member of rds_superuser, without ADMIN OPTION on anything", async () => {
      const memberships = await query(
        asAdministrator,
        `select roleid::regrole::text as role, member::regrole::text as member, admin_option from pg_auth_members
          where member::regrole::text in ('postgres_admin', 'rds_superuser') order by 1`,
      );
      assert.deepEqual(memberships, [
        { role: "pg_monitor", member: "rds_superuser", admin_option: false },
        { role: "pg_signal_backend", member: "rds_superuser", admin_option: false },
        { role: "rds_superuser", member: "postgres_admin", admin_option: false },
      ]);
    });

    it("allows the administrator to change its own roles, and no one else's", async () => {
      await query(asSuperuser, "create role somebody_elses");
      await assert.rejects(query(asAdministrator, "alter role somebody_elses connection limit 1"), { code: "42501" });
      await query(asAdministrator, "create role its_own; alter role its_own connection limit 1; drop role its_own");
      await query(asSuperuser, "drop role somebody_elses");
    });

    it("stores passwords as SCRAM-SHA-256 verifiers", async () => {
      const sql = "select rolname from pg_authid where rolpassword like 'SCRAM-SHA-256$%' order by rolname";
      assert.deepEqual(await query(asSuperuser, sql), [{ rolname: "postgres_admin" }, { rolname: "rdsadmin" }]);
    });

    it("has no rule but SCRAM-SHA-256 over TLS", async () => {
      const sql = "select type, database, user_name, address, auth_method, error from pg_hba_file_rules";
      const everyone = { database: ["all"], user_name: ["all"], address: "all", error: null };
      assert.deepEqual(await query(asSuperuser, sql), [
        { type: "hostnossl", ...everyone, auth_method: "reject" },
        { type: "hostssl", ...everyone, auth_method: "scram-sha-256" },
      ]);
    });

    it("has a certificate that another authority does not verify", async () => {
      const { ca } = await createServerCertificate();
      await assert.rejects(query({ ...asAdministrator, ssl: { ca } }, "select"), {
        code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      });
    });

    it("logs every statement except its own one with the administrator's password", async () => {
      await query(asAdministrator, "select 'sentinel'");
      const log = readFileSync(server.logFile, "utf8");
      assert.match(log, /statement: select 'sentinel'/);
      for (const { password } of [server.administrator, server.superuser]) assert.equal(log.includes(password), false);
      assert.doesNotMatch(log, /create role postgres_admin/);
    });
  });
}

describe("a server of startPostgres", () => {
  let server: PostgresServer;

  before(() => {
    server = serverOf(17);
  });

  it("restarts on the same port with the same data, and ends open sessions with 57P01", async () => {
    const asAdministrator = loginConfig(server, server.administrator, "kept");
    await server.createDatabase("kept");
    await query(asAdministrator, "create table kept as select 42 as answer");
    const session = new Client(asAdministrator);
    await session.connect();
    const codes: unknown[] = [];
    session.on("error", (error: Error & { code?: string }) => codes.push(error.code));
    await server.restart();
    assert.equal(codes[0], "57P01");
    assert.deepEqual(await query(asAdministrator, "select answer from kept"), [{ answer: 42 }]);
  });

  it("accepts TCP connections but answers none while suspended, and answers when resumed", async () => {
    const events: string[] = [];
    server.suspend();
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
    const answered = query(loginConfig(server, server.administrator), "select").then(() => events.push("answered"));
    await sleep(200); // a server that is not suspended answers in a tenth of that
    events.push("resumed");
    server.resume();
    await answered;
    assert.deepEqual(events, ["resumed", "answered"]);
  });

  it("restarts a suspended server", async () => {
    server.suspend();
    await server.restart();
    assert.deepEqual(await query(loginConfig(server, server.administrator), "select 1 as one"), [{ one: 1 }]);
  });
});

describe("startPostgres", () => {
  it("runs several servers side by side, each with its own port, data and passwords", async () => {
    const [one, two] = [serverOf(17), serverOf(18)];
    assert.notEqual(one.port, two.port);
    assert.notEqual(one.administrator.password, two.administrator.password);
    await one.createDatabase("only_here");
    const sql = "select datname from pg_database where datname = 'only_here'";
    assert.deepEqual(await query(loginConfig(one, one.administrator), sql), [{ datname: "only_here" }]);
    assert.deepEqual(await query(loginConfig(two, two.administrator), sql), []);
  });

  it("reports the server's own reason when it does not start, and leaves nothing behind", async () => {
    const before = serverFolders();
    await assert.rejects(startPostgres({ settings: { no_such_setting: "1" } }), {
      message: /^PostgreSQL did not start:\n[^]*unrecognized configuration parameter "no_such_setting"/,
    });
    assert.deepEqual(serverFolders(), before);
  });

  it("starts one without TLS and with other settings, quotes included, and stops it with its processes and folder, even suspended, even twice", async () => {
    const settings = { cluster_name: "it's here", max_connections: "7" };
    const server = await startPostgres({ tls: "off", settings });
    try {
      const config = loginConfig(server, server.administrator);
      await assert.rejects(query(config, "select"), { message: "The server does not support SSL connections" });
      const sql = "select current_setting('cluster_name') as name, current_setting('max_connections') as connections";
      assert.deepEqual(await query({ ...config, ssl: false }, sql), [{ name: "it's here", connections: "7" }]);

      const folder = dirname(server.logFile);
      const supervisor = listDescendants(process.pid).find(({ command }) => command.includes(` supervisor ${folder} `));
      const own = [supervisor ?? assert.fail(), ...listDescendants(supervisor?.pid ?? NaN)];
      assert.ok(own.length > 2, "a supervisor, a postmaster and its children");
      assert.ok(existsSync(folder));
      server.suspend();
      await Promise.all([server.stop(), server.stop()]);
      assert.deepEqual(
        own.filter(({ pid }) => isRunning(pid)),
        [],
      );
      assert.equal(existsSync(folder), false);
      await assert.rejects(server.restart(), { message: "PostgreSQL is not running" });
    } finally {
      await server.stop();
    }
  });
});
