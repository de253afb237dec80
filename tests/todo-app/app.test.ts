import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { Writable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { Client } from "pg";
import { pino } from "pino";
import { createApp } from "../../todo-app/app";
import { CredentialPool } from "../../credential-pool";
import { loginConfig } from "../support/postgres";
import { startStack, type TestStack } from "../support/stack";

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: { todos: { id: string; title: string; completed: boolean }[]; next: string | null } & {
    id: string;
    title: string;
    completed: boolean;
    error: { code: string; field: string | null; reason: string };
  };
}

const publicFolder = join(__dirname, "..", "..", "dist", "todo-app", "public");

describe("the todo service's HTTP side", () => {
  let stack: TestStack;
  let database: CredentialPool;
  let app: FastifyInstance;
  let admin: Client;
  const logged: string[] = [];

  before(async () => {
    stack = await startStack({ strategy: "single-user" });
    const text = JSON.stringify(await stack.readValue());
    const logger = pino(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          logged.push(chunk.toString());
          done();
        },
      }),
    );
    database = new CredentialPool({
      readSecret: () => Promise.resolve({ text, versionId: "0123456789abcdef", createdAt: new Date(0) }),
      certificateAuthorities: readFileSync(stack.postgres.caFile, "utf8"),
      log: logger,
    });
    app = createApp({ database, publicFolder, logger });
    await app.listen({ host: "127.0.0.1", port: 0 });
    admin = new Client(loginConfig(stack.postgres, stack.postgres.superuser, stack.database));
    await admin.connect();
  });
  after(async () => {
    await app.close();
    await database.end();
    await admin.end();
    await stack.stop();
  });
  beforeEach(() => admin.query("truncate todo.todos"));

  async function send(method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
    const payload = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const answer = await app.inject({
      ...{ method: method as "GET", url },
      ...(payload !== undefined && { payload }),
      headers: { ...(payload !== undefined && { "content-type": "application/json" }), ...headers },
    });
    const parsed = answer.body === "" ? undefined : (JSON.parse(answer.body) as Answer["body"]);
    return { status: answer.statusCode, headers: answer.headers, body: parsed } as Answer;
  }

  async function assertRefused(answer: Promise<Answer>, status: number, code: string, field: string | null) {
    const { status: received, body } = await answer;
    assert.deepEqual([received, body.error.code, body.error.field], [status, code, field]);
    assert.deepEqual(Object.keys(body.error), ["code", "field", "reason"]);
    assert.ok(body.error.reason.length > 0 && body.error.reason.length < 150);
    const { rows } = await admin.query("select 1 from todo.todos");
    assert.equal(rows.length, 0, "something was done");
  }

  it("adds, lists, changes and deletes a todo", async () => {
    const { status, body: todo, headers } = await send("POST", "/api/todos", { title: "  Buy milk  " });
    assert.deepEqual([status, todo.title, todo.completed], [201, "Buy milk", false]);
    assert.equal(headers.location, `/api/todos/${todo.id}`);
    assert.deepEqual((await send("GET", "/api/todos")).body, { todos: [todo], next: null });

    const completed = await send("PATCH", `/api/todos/${todo.id}`, { completed: true });
    assert.deepEqual(completed.body, { ...todo, completed: true });
    const renamed = await send("PATCH", `/api/todos/${todo.id.toUpperCase()}`, { title: "Buy oats", completed: false });
    assert.deepEqual(renamed.body, { ...todo, title: "Buy oats" });

    assert.equal((await send("DELETE", `/api/todos/${todo.id}`)).status, 204);
    await assertRefused(send("DELETE", `/api/todos/${todo.id}`), 404, "NOT_FOUND", "id");
    assert.deepEqual((await send("GET", "/api/todos")).body, { todos: [], next: null });
  });

  it("adds one todo for one Idempotency-Key, and refuses the key for another title", async () => {
    const key = { "idempotency-key": randomUUID() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => send("POST", "/api/todos", { title: "a" }, key)));
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.id]),
      Array(5).fill([201, key["idempotency-key"]]),
    );
    const other = await send("POST", "/api/todos", { title: "b" }, key);
    assert.deepEqual(
      [other.status, other.body.error.code, other.body.error.field],
      [409, "CONFLICT", "Idempotency-Key"],
    );
    assert.deepEqual(
      (await send("GET", "/api/todos")).body.todos.map(({ title }) => title),
      ["a"],
    );
  });

  it("adds as many todos as requested without a key", async () => {
    await send("POST", "/api/todos", { title: "a" });
    await send("POST", "/api/todos", { title: "a" });
    assert.equal((await send("GET", "/api/todos")).body.todos.length, 2);
  });

  it("pages through 10,000 todos, each once, newest first, whatever is deleted meanwhile", async () => {
    await admin.query(`
      insert into todo.todos (id, title, created_at)
      select gen_random_uuid(), n::text, timestamptz '2026-01-01' + (n / 7) * interval '1 microsecond'
      from generate_series(1, 10000) as n`);
    const seen: { id: string; title: string }[] = [];
    for (let after = ""; ;) {
      const { body } = await send("GET", `/api/todos?limit=100${after}`);
      seen.push(...body.todos);
      if (body.next === null) break;
      after = `&after=${body.next}`;
      if (seen.length === 100) await send("DELETE", `/api/todos/${seen.at(-1)?.id ?? ""}`);
    }
    assert.equal(new Set(seen.map(({ id }) => id)).size, 10_000);
    const ages = seen.map(({ title }) => Math.floor(Number(title) / 7));
    assert.deepEqual(
      ages,
      ages.toSorted((a, b) => b - a),
    );
    assert.equal((await send("GET", "/api/todos")).body.todos.length, 50);
  });

  it("keeps 200 characters of any script, HTML and SQL unchanged", async () => {
    for (const title of [
      "😀".repeat(200),
      "'; drop table todos; --",
      "<script>alert(1)</script>",
      "زيارة 👩‍👩‍👧 été",
      "%s \\x00 $1",
    ]) {
      const { status, body } = await send("POST", "/api/todos", { title });
      assert.deepEqual([status, body.title], [201, title]);
    }
    assert.equal((await send("GET", "/api/todos")).body.todos.length, 5);
  });

  const titles: Record<string, unknown> = {
    "that is empty": "",
    "of white space": " \t\n ",
    "of nothing visible": "\u200b\u2060",
    "of 201 characters": "😀".repeat(201),
    "with a NUL": "a\0b",
    "with a line break": "a\nb",
    "with half a surrogate pair": "a\ud83d",
    "that is a number": 1,
    "that is null": null,
    "that is an array": ["a"],
    "that is an object": { title: "a" },
  };
  for (const [what, title] of Object.entries(titles)) {
    it(`refuses a title ${what}`, async () => {
      await assertRefused(send("POST", "/api/todos", { title }), 400, "INVALID_INPUT", "title");
      await assertRefused(send("PATCH", `/api/todos/${randomUUID()}`, { title }), 400, "INVALID_INPUT", "title");
    });
  }

  const id = randomUUID();
  const requests: [
    what: string,
    method: string,
    url: string,
    body: unknown,
    ...expected: [number, string, string | null],
  ][] = [
    ["no title", "POST", "/api/todos", {}, 400, "INVALID_INPUT", "title"],
    ["an unknown field", "POST", "/api/todos", { title: "a", admin: true }, 400, "INVALID_INPUT", "admin"],
    ["an array as body", "POST", "/api/todos", [], 400, "INVALID_INPUT", "body"],
    ["null as body", "POST", "/api/todos", "null", 400, "INVALID_INPUT", "body"],
    ["broken JSON", "POST", "/api/todos", '{"title": "a"', 400, "INVALID_JSON", "body"],
    ["a prototype to pollute", "POST", "/api/todos", '{"__proto__": {}}', 400, "INVALID_JSON", "body"],
    ["an empty body", "POST", "/api/todos", "", 400, "INVALID_JSON", "body"],
    ["a body of 5,000 bytes", "POST", "/api/todos", { title: "a".repeat(5_000) }, 413, "BODY_TOO_LARGE", "body"],
    ["nothing to change", "PATCH", `/api/todos/${id}`, {}, 400, "INVALID_INPUT", "body"],
    ["completed as a text", "PATCH", `/api/todos/${id}`, { completed: "true" }, 400, "INVALID_INPUT", "completed"],
    ["a change of an unknown todo", "PATCH", `/api/todos/${id}`, { title: "a" }, 404, "NOT_FOUND", "id"],
    ["a change of no UUID", "PATCH", "/api/todos/1", { title: "a" }, 400, "INVALID_INPUT", "id"],
    ["limit=0", "GET", "/api/todos?limit=0", undefined, 400, "INVALID_INPUT", "limit"],
    ["limit=101", "GET", "/api/todos?limit=101", undefined, 400, "INVALID_INPUT", "limit"],
    ["two limits", "GET", "/api/todos?limit=1&limit=2", undefined, 400, "INVALID_INPUT", "limit"],
    ["a position of SQL", "GET", "/api/todos?after=1'--", undefined, 400, "INVALID_INPUT", "after"],
    [
      "a position out of time",
      "GET",
      `/api/todos?after=${"9".repeat(17)}_${id}`,
      undefined,
      400,
      "INVALID_INPUT",
      "after",
    ],
    ["an unknown id", "DELETE", `/api/todos/${id}`, undefined, 404, "NOT_FOUND", "id"],
    ["an id that is no UUID", "DELETE", "/api/todos/1%20or%201=1", undefined, 400, "INVALID_INPUT", "id"],
    ["an endless id", "DELETE", `/api/todos/${"a".repeat(500)}`, undefined, 414, "INVALID_URL", "path"],
    ["an unknown path", "GET", "/nowhere", undefined, 404, "NOT_FOUND", "path"],
    ["a way out of the folder", "GET", "/../server.mjs", undefined, 404, "NOT_FOUND", "path"],
    ["a broken escape", "GET", "/%zz", undefined, 400, "INVALID_URL", "path"],
    ["PUT", "PUT", "/api/todos", undefined, 405, "METHOD_NOT_ALLOWED", "method"],
    ["DELETE of the list", "DELETE", "/api/todos", undefined, 405, "METHOD_NOT_ALLOWED", "method"],
    ["POST of the page", "POST", "/", undefined, 405, "METHOD_NOT_ALLOWED", "method"],
    ["OPTIONS", "OPTIONS", "/api/todos", undefined, 405, "METHOD_NOT_ALLOWED", "method"],
  ];
  for (const [what, method, url, body, ...expected] of requests) {
    it(`refuses a request with ${what}`, () => assertRefused(send(method, url, body), ...expected));
  }

  it("refuses another site's form, which browsers send without asking, and a body without a type", async () => {
    for (const type of ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const answer = send("POST", "/api/todos", '{"title":"a"}', { "content-type": type });
      await assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type");
    }
  });

  it("refuses an Idempotency-Key that is not a UUID, or two of them", async () => {
    for (const key of ["1", "", `${randomUUID()}, ${randomUUID()}`, "'; drop table todos"]) {
      const answer = send("POST", "/api/todos", { title: "a" }, { "idempotency-key": key });
      await assertRefused(answer, 400, "INVALID_INPUT", "Idempotency-Key");
    }
  });

  it("names a path's methods", async () => {
    assert.equal((await send("PUT", "/api/todos")).headers.allow, "GET, HEAD, POST");
    assert.equal((await send("GET", `/api/todos/${id}`)).headers.allow, "PATCH, DELETE");
  });

  const raw: Record<string, [request: string, status: number]> = {
    "two lengths": ["POST /api/todos HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400],
    "a length and chunks": [
      "POST /api/todos HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    "no HTTP": ["hello\r\n\r\n", 400],
    "no host": ["GET /healthz HTTP/1.1\r\n\r\n", 400],
    "20,000 bytes of headers": [`GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(20_000)}\r\n\r\n`, 431],
  };
  for (const [what, [request, status]] of Object.entries(raw)) {
    it(`answers a request with ${what} with ${status} and closes the connection`, async () => {
      const socket = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
      socket.write(request);
      await once(socket, "close");
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
      assert.doesNotMatch(text, / at .*\.[jt]s/);
    });
  }

  it("answers an internal error without details, and logs only its code", async () => {
    await admin.query("alter table todo.todos rename to hidden");
    try {
      const { status, body } = await send("POST", "/api/todos", { title: "a title to keep private" });
      assert.deepEqual([status, body.error.code, body.error.field], [500, "INTERNAL", null]);
      assert.doesNotMatch(JSON.stringify(body), /todos|relation|42P01/);
    } finally {
      await admin.query("alter table todo.hidden rename to todos");
    }
    assert.match(logged.join(""), /SQLSTATE 42P01/);
    assert.doesNotMatch(logged.join(""), /relation|a title to keep private/);
  });

  it("sends the page and everything else with headers that allow nothing from elsewhere", async () => {
    for (const url of ["/", "/page.js", "/style.css", "/icon.svg", "/api/todos", "/nowhere", "/%zz"]) {
      const { headers } = await app.inject(url);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'$/, url);
      assert.doesNotMatch(policy, /unsafe|\*|http/);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["referrer-policy"], "no-referrer");
      assert.equal(headers["x-powered-by"], undefined);
    }
    const { body } = await app.inject("/");
    assert.doesNotMatch(body, /https?:|<script>|<style|style=| on\w+=/);
  });

  it("reports the credential's health and no secret", async () => {
    await send("GET", "/api/todos");
    assert.deepEqual((await send("GET", "/api/credential")).body, {
      status: "accepted",
      user: stack.username,
      versionId: "01234567",
      changedAt: "1970-01-01T00:00:00.000Z",
    });
  });

  it("logs method, path, status and duration of a request, but not query, headers or body", async () => {
    logged.length = 0;
    await send("POST", "/api/todos?token=example-1", { title: "example-2" }, { authorization: "example-3" });
    const lines = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    const line = lines.find(({ msg }) => msg === "answered") ?? {};
    const { method, path, status } = line;
    assert.deepEqual({ method, path, status }, { method: "POST", path: "/api/todos", status: 201 });
    const pinos = ["level", "time", "pid", "hostname", "reqId", "msg"];
    assert.deepEqual(
      Object.keys(line).filter((key) => !pinos.includes(key)),
      ["method", "path", "status", "durationMs"],
    );
    assert.doesNotMatch(logged.join(""), /example-/);
    const { password } = await stack.readLogin();
    assert.ok(!logged.join("").includes(password));
  });
});
