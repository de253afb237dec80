import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { TodoApp } from "../../local/todo-app";
import { loginConfig } from "../support/postgres";
import { startStack, type TestStack } from "../support/stack";
import { startApp } from "../support/todo-app";
import { until } from "../support/until";

/** A server that takes connections and never answers, as PostgreSQL while it is suspended. */
async function startSilentServer() {
  const server = createServer().listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, connected: once(server, "connection"), close: () => void server.close() };
}

const json = { "content-type": "application/json" };

describe("the todo service's process", () => {
  let stack: TestStack;
  let admin: Client;
  /** It takes 10 s: the other tests run meanwhile. */
  let stoppedWithoutDatabase: ReturnType<typeof stopWithoutDatabase>;
  const started: TodoApp[] = [];

  before(async () => {
    // AWS retries a rotation for longer than Secrets Manager is down here.
    stack = await startStack({ strategy: "single-user", rotationAttempts: 1_000 });
    admin = await connectAdmin();
    stoppedWithoutDatabase = stopWithoutDatabase();
    stoppedWithoutDatabase.catch(() => undefined); // the test that awaits it reports it
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((app) => app.stop()));
    stack.secretsManager.clearFaults();
  });
  after(async () => {
    await admin.end();
    await stack.stop();
  });

  async function connectAdmin(): Promise<Client> {
    const client = new Client(loginConfig(stack.postgres, stack.postgres.superuser, stack.database));
    await client.connect();
    client.on("error", () => undefined); // a restart of the server ends it
    return client;
  }

  async function start(environment: Record<string, string> = {}): Promise<TodoApp> {
    const app = await startApp(stack, environment);
    started.push(app);
    return app;
  }

  const callsOfTheService = () => stack.secretsManager.calls.filter(({ source }) => source === "todo-app");

  async function statusOf(app: TodoApp, path: string): Promise<number> {
    const response = await fetch(app.url + path);
    await response.text();
    return response.status;
  }

  async function add(app: TodoApp, id: string): Promise<{ status: number; code?: string }> {
    const response = await fetch(`${app.url}/api/todos`, {
      method: "POST",
      headers: { ...json, "idempotency-key": id },
      body: JSON.stringify({ title: `todo ${id}` }),
    });
    const { error } = (await response.json()) as { error?: { code: string } };
    return { status: response.status, ...(error && { code: error.code }) };
  }

  /** Stops a service that waits for the database. */
  async function stopWithoutDatabase() {
    const database = await startSilentServer();
    const value = { ...(await stack.readValue()), port: database.port };
    const app = await startApp(stack, { DATABASE_SECRET_ARN: "", DATABASE_SECRET: JSON.stringify(value) });
    const request = add(app, randomUUID()).catch(() => "cut off");
    await database.connected;
    const exitCode = await Promise.race([app.stop(), sleep(12_000, "still running", { ref: false })]);
    database.close();
    return { exitCode, request: await request };
  }

  it("starts, and is healthy, without Secrets Manager and without touching the database", async () => {
    stack.secretsManager.inject({ down: true });
    stack.secretsManager.clearCalls();
    const app = await start();
    assert.equal(await statusOf(app, "/healthz"), 200);
    assert.equal(await statusOf(app, "/"), 200);
    assert.deepEqual(callsOfTheService(), []);
    assert.equal(await statusOf(app, "/readyz"), 503);
    stack.secretsManager.clearFaults();
    await until(async () => (await statusOf(app, "/readyz")) === 200);
  });

  it("fails no request when Secrets Manager is down for 5 s in the middle of a rotation", async () => {
    const app = await start({ DATABASE_CONNECTION_MAX_USES: "1" });
    const ids: string[] = [];
    const failures: object[] = [];
    let isRotating = true;
    const work = async (): Promise<void> => {
      while (isRotating) {
        const id = randomUUID();
        ids.push(id);
        const answer = await add(app, id);
        if (answer.status !== 201) failures.push(answer);
      }
    };
    const rotate = async (): Promise<void> => {
      const { username } = stack;
      const verifier = async () => {
        const { rows } = await admin.query<object>("select rolpassword from pg_authid where rolname = $1", [username]);
        return JSON.stringify(rows);
      };
      const before = await verifier();
      const rotation = stack.rotate();
      await until(async () => (await verifier()) !== before); // the password is changed, AWSCURRENT has not moved yet
      stack.secretsManager.inject({ down: true });
      await sleep(5_000);
      stack.secretsManager.clearFaults();
      assert.equal((await rotation).succeeded, true);
      isRotating = false;
    };
    await Promise.all([rotate(), work(), work(), work(), work()]);
    assert.deepEqual(failures, []);
    const { rows } = await admin.query("select 1 from todo.todos where id = any($1)", [ids]);
    assert.equal(rows.length, ids.length);
  });

  it("loses and duplicates nothing when PostgreSQL restarts under load, and recovers by itself", async () => {
    const app = await start();
    const answers = new Map<string, { status: number; code?: string }>();
    let isLoading = true;
    const work = async (): Promise<void> => {
      while (isLoading) {
        const id = randomUUID();
        answers.set(id, await add(app, id));
      }
    };
    const workers = Array.from({ length: 10 }, work);
    for (let restart = 0; restart < 2; restart++) {
      const before = answers.size;
      await until(() => answers.size > before + 100);
      await stack.postgres.restart();
    }
    const before = answers.size;
    await until(() => answers.size > before + 100);
    isLoading = false;
    await Promise.all(workers);

    admin = await connectAdmin();
    const { rows } = await admin.query<{ id: string }>("select id from todo.todos");
    const stored = new Set(rows.map(({ id }) => id));
    const added = [...answers].filter(([, { status }]) => status === 201);
    assert.deepEqual(
      added.filter(([id]) => !stored.has(id)),
      [],
      "reported as added and not there",
    );
    // Anything else is a reported error, at most one for each session and restart.
    const others = [...answers.values()].filter(({ status }) => status !== 201);
    assert.ok(others.length <= 20, JSON.stringify(others));
    assert.ok(others.every(({ status, code }) => status === 503 && code !== undefined));
    assert.equal(await statusOf(app, "/readyz"), 200);
  });

  it("finishes running requests after SIGTERM, accepts nothing new, closes its sessions and exits with 0", async () => {
    const app = await start();
    assert.equal(await statusOf(app, "/readyz"), 200);
    const blocker = await connectAdmin();
    await blocker.query("begin");
    await blocker.query("lock table todo.todos in access exclusive mode");
    const waiting = Array.from({ length: 15 }, () => add(app, randomUUID()));
    await until(async () => {
      const { rows } = await admin.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
      return rows.length >= 10;
    });
    const stopped = app.stop();
    await until(() => app.logs.some((line) => line.includes("shutting down")));
    await assert.rejects(fetch(`${app.url}/healthz`));
    await blocker.query("rollback");
    await blocker.end();
    assert.deepEqual(await Promise.all(waiting), Array(15).fill({ status: 201 }));
    assert.equal(await stopped, 0);
    const sessions = "select 1 from pg_stat_activity where application_name = 'todo-app' and datname = $1";
    await until(async () => (await admin.query(sessions, [stack.database])).rows.length === 0);
  });

  it("serves with a credential injected by ECS, and does not call Secrets Manager", async () => {
    stack.secretsManager.clearCalls();
    const app = await start({ DATABASE_SECRET_ARN: "", DATABASE_SECRET: JSON.stringify(await stack.readValue()) });
    assert.equal(await statusOf(app, "/readyz"), 200);
    assert.deepEqual(callsOfTheService(), []);
  });

  it("says what is missing when it cannot start", async () => {
    await assert.rejects(start({ DATABASE_SECRET: "{}" }), /DATABASE_SECRET_ARN, DATABASE_SECRET: received both/);
    await assert.rejects(start({ PGSSLROOTCERT: "/nowhere.pem" }), /PGSSLROOTCERT: received \/nowhere\.pem, ENOENT/);
    const app = await start();
    await assert.rejects(start({ PORT: new URL(app.url).port }), /EADDRINUSE/);
  });

  it("exits within 10 s of SIGTERM even if the database never answers", async () => {
    assert.deepEqual(await stoppedWithoutDatabase, { exitCode: 1, request: "cut off" });
  });
});
