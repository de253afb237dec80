import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { escapeIdentifier, escapeLiteral } from "pg";
import type { InvocationResult } from "../../local/lambda";
import type { PostgresServer } from "../../local/postgres";
import { runProgram } from "../../engine/program";
import type { SecretsManagerEvent } from "../../local/secrets-manager";
import { scramVerifier } from "../../rotation-fn/scram";
import type { Strategy } from "../support/faults/stack-in-process";
import type { HttpServer } from "../support/http";
import { startOwnPostgres } from "../support/postgres";
import {
  beginRotation,
  invokeStep,
  putValue,
  querySuperuser,
  removeLabel,
  type Step,
  steps,
} from "../support/rotation";
import { findSecrets, formsOf } from "../support/secret-forms";
import { startStack, type TestStack } from "../support/stack";
import { startTap } from "../support/tap";
import { startApp } from "../support/todo-app";
import { root } from "../support/whole-program";

/** All of its forms differ; generated passwords look the same in a URL and in JSON. */
const awkwardPassword = "example \"p/w+d\" \\ & 'quoted' 1?>~%s";
const processSecret = "example-secret-access-key";

/** Place → everything that was written there. */
const texts = new Map<string, string>();
/** Every credential that existed → what it is. */
const secrets = new Map<string, string>([
  [awkwardPassword, "the password with quotes"],
  [processSecret, "a secret access key"],
]);

function write(where: string, text: string): void {
  texts.set(where, `${texts.get(where) ?? ""}${text}\n`);
}

/** Records every credential that passes between the functions and Secrets Manager, in either direction. */
function tapCredentials(endpointUrl: string): Promise<HttpServer> {
  const note = ({ SecretString, RotationToken }: Readonly<Record<string, unknown>>): void => {
    if (typeof RotationToken === "string") secrets.set(RotationToken, "a rotation token");
    const [, password] =
      /"password":("(?:[^"\\]|\\.)*")/.exec(typeof SecretString === "string" ? SecretString : "") ?? [];
    if (password !== undefined) secrets.set(JSON.parse(password) as string, "a password");
  };
  return startTap(endpointUrl, ({ input, answer }) => {
    note(input);
    note(answer);
  });
}

/** Invokes a step, whatever the result: Lambda's answer goes to Secrets Manager and CloudTrail. */
async function step(stack: TestStack, token: string, name: Step): Promise<InvocationResult> {
  const result = await invokeStep(stack, name, token);
  write("the answers of the functions", inspect(result, { depth: null }));
  return result;
}

/** Candidates and errors of every kind, one rotation each, given up half-way. */
async function failInManyWays(stack: TestStack): Promise<void> {
  const value = await stack.readValue();
  const candidates: Record<string, string | Record<string, unknown>> = {
    "a password with quotes": { ...value, password: awkwardPassword, username: value.username },
    "another host": { ...value, host: "db.example.com" },
    "another user": { ...value, username: "somebody" },
    "a password that cannot be hashed": { ...value, password: `${awkwardPassword}\u00fc` },
    "no JSON": `{"password":${JSON.stringify(awkwardPassword)}`,
    "a list": JSON.stringify([awkwardPassword]),
    "a password in a wrong place": { ...value, port: awkwardPassword, engine: awkwardPassword },
  };
  for (const candidate of Object.values(candidates)) {
    const token = await beginRotation(stack);
    await putValue(stack, candidate, { token, stage: "AWSPENDING" });
    for (const name of steps.slice(0, 3)) await step(stack, token, name);
    await removeLabel(stack, "AWSPENDING", token);
    await stack.bootstrapFunction.invoke(stack.bootstrapInput); // makes AWSCURRENT log in again, if a candidate was set
  }
  for (const fault of [{ error: "ThrottlingException" }, { error: "AccessDeniedException" }, { down: true }]) {
    const token = await beginRotation(stack);
    await step(stack, token, "createSecret");
    stack.secretsManager.inject(fault);
    for (const name of steps.slice(1)) await step(stack, token, name);
    stack.secretsManager.clearFaults();
    await removeLabel(stack, "AWSPENDING", token);
  }
  const token = await beginRotation(stack);
  await step(stack, token, "createSecret");
  const setting = step(stack, token, "setSecret");
  await stack.postgres.restart();
  await setting;
  await removeLabel(stack, "AWSPENDING", token);
  write(
    "the answers of the functions",
    inspect(await stack.bootstrapFunction.invoke(stack.bootstrapInput), { depth: null }),
  );
}

/** Uses a manually chosen password, in the database and in the secret. */
async function useAwkwardPassword(stack: TestStack): Promise<void> {
  const { username } = await stack.readLogin();
  await querySuperuser(
    stack,
    `alter role ${escapeIdentifier(username)} password ${escapeLiteral(scramVerifier(awkwardPassword))}`,
  );
  await putValue(stack, { ...(await stack.readValue()), password: awkwardPassword });
}

async function request(url: string, path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(url + path, init);
  write(
    "the answers of the service",
    `${path} ${inspect(Object.fromEntries(response.headers))} ${await response.text()}`,
  );
  return response.status;
}

/** The service meets every credential, and a failing database and secret. */
async function serve(stack: TestStack, work: (isServed: () => Promise<void>) => Promise<void>): Promise<void> {
  const environment = { DATABASE_CONNECTION_MAX_USES: "1" };
  const app = await startApp(stack, environment);
  const isServed = async (): Promise<void> => {
    assert.equal(await request(app.url, "/api/todos"), 200);
    const headers = { "content-type": "application/json", "idempotency-key": randomUUID() };
    const todo = { method: "POST", headers, body: JSON.stringify({ title: "a todo" }) };
    assert.equal(await request(app.url, "/api/todos", todo), 201);
    await request(app.url, "/api/todos?limit=nonsense");
    await request(app.url, "/api/credential");
    await request(app.url, "/readyz");
  };
  await isServed();
  await work(isServed);
  await app.stop();
  write("the log of the service", app.logs.join("\n"));
}

async function live(stack: TestStack, tap: HttpServer): Promise<void> {
  await serve(stack, async (isServed) => {
    for (let rotation = 1; rotation <= 2; rotation++) {
      assert.equal((await stack.rotate()).error, undefined);
      await isServed();
    }
    await useAwkwardPassword(stack);
    await isServed();
    assert.equal((await stack.rotate()).error, undefined);
    await failInManyWays(stack);
    assert.equal((await stack.rotate()).error, undefined);
    await isServed();
  });
  await stack.stop();
  write("the log of the functions", [...stack.rotateFunction.logs, ...stack.bootstrapFunction.logs].join("\n"));
  write("the endpoint's calls", JSON.stringify(stack.secretsManager.calls));
  await tap.stop();
}

describe("every credential that ever existed, in clear, base64, URL-encoded and JSON-escaped", () => {
  let postgres: PostgresServer;

  before(async () => {
    postgres = await startOwnPostgres({ settings: { log_min_messages: "debug1", log_min_error_statement: "debug1" } });
    for (const { username, password } of [postgres.administrator, postgres.superuser]) {
      secrets.set(password, `the password of ${username}`);
    }
    const onEvent = (event: SecretsManagerEvent) => {
      write("the endpoint's events", JSON.stringify(event));
    };
    for (const strategy of ["single-user", "alternating-users"] as const satisfies readonly Strategy[]) {
      let tap: HttpServer | undefined;
      const through = async (url: string) => (tap = await tapCredentials(url)).url;
      const options = { strategy, postgres, through, onEvent, rotationAttempts: 1 };
      const stack = await startStack({ ...options, bootstrapped: false });
      write(
        "the answers of the functions",
        inspect(await stack.bootstrapFunction.invoke(stack.bootstrapInput), { depth: null }),
      );
      assert(tap);
      await live(stack, tap);
    }
    write("PostgreSQL's log", readFileSync(postgres.logFile, "utf8"));
  });

  it("was written down wherever it passed", () => {
    const count = (kind: string) => [...secrets.values()].filter((what) => what === kind).length;
    assert(count("a password") >= 20, "passwords");
    assert(count("a rotation token") >= 8, "rotation tokens");
    console.log(`        ${secrets.size} credentials, ${[...texts.values()].join("").length} characters of logs`);
  });

  it("is searched for in logs that hold what they should", () => {
    const expected: Readonly<Record<string, readonly RegExp[]>> = {
      "PostgreSQL's log": [/alter role \S+ password 'SCRAM-SHA-256\$4096:/, / DEBUG: /, / FATAL: {2}password auth/],
      "the log of the functions": [/"_aws":\{.*"RotationSucceeded":1/, /"RotationFailed":1/, /Invoke Error/],
      "the log of the service": [/the database accepted the credential/, /"statusCode":400|"status":400/, /shut down/],
      "the answers of the functions": [/CredentialMismatchError/, /SecretNotJsonError/, /UnhashablePasswordError/],
      "the answers of the service": [/"todos"|"items"|"title"/, /"error"/],
      "the endpoint's calls": [/PutSecretValue/],
      "the endpoint's events": [/RotationSucceeded/],
    };
    assert.deepEqual([...texts.keys()].sort(), Object.keys(expected).sort());
    for (const [where, patterns] of Object.entries(expected)) {
      for (const pattern of patterns) assert.match(texts.get(where) ?? "", pattern, where);
    }
  });

  it("is found in none of them", () => {
    assert.deepEqual(findSecrets(texts, secrets), []);
  });

  it("would be found in each of them", () => {
    for (const [where, text] of texts) {
      for (const [secret, what] of secrets) {
        for (const form of formsOf(secret)) {
          const planted = new Map([[where, `${text.slice(-100)} ${form.text} `]]);
          const findings = findSecrets(planted, new Map([[secret, what]]));
          assert(findings.includes(`${where} holds ${what}, ${form.name}`), `${what} in ${where}, ${form.name}`);
        }
      }
    }
  });

  it("does not leak from the program's environment into anything that it registers", async () => {
    const environment = Object.fromEntries(
      [...secrets.keys()].map((secret, index) => [index === 0 ? "PGPASSWORD" : `EXAMPLE_SECRET_${index}`, secret]),
    );
    const graph = await runProgram({ root, stack: "dev", environment });
    assert.equal(graph.exitCode, 0, graph.log);
    const registered = new Map([["the graph", JSON.stringify(graph)]]);
    assert.match(registered.get("the graph") ?? "", /todo-rotation:components/);
    assert.deepEqual(findSecrets(registered, secrets), []);
  });
});
