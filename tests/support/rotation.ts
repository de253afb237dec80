import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { Client } from "pg";
import type { FunctionErrorPayload, InvocationResult } from "../../local/lambda";
import type { Login } from "../../local/postgres";
import { loginConfig } from "./postgres";
import type { TestStack } from "./stack";
import { until } from "./until";

/** What the steps of any rotation need; a TestStack is one. */
export type RotatingStack = Pick<TestStack, "client" | "rotateFunction" | "secretArn" | "secretsManager">;

export type Step = "createSecret" | "setSecret" | "testSecret" | "finishSecret";

export const steps: readonly Step[] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/** Starts a rotation whose steps the test invokes itself: the pending version exists, without a value. */
export async function beginRotation(stack: RotatingStack): Promise<string> {
  const arn = `${stack.rotateFunction.arn}-by-hand`;
  stack.secretsManager.registerFunction({
    ...stack.rotateFunction,
    arn,
    invoke: () => new Promise<never>(() => undefined),
  });
  const command = new RotateSecretCommand({ SecretId: stack.secretArn, RotationLambdaARN: arn });
  const { VersionId = "" } = await stack.client.send(command);
  return VersionId;
}

export function invokeStep(stack: RotatingStack, step: Step, token: string): Promise<InvocationResult> {
  return stack.rotateFunction.invoke({
    Step: step,
    SecretId: stack.secretArn,
    ClientRequestToken: token,
    RotationToken: "example-rotation-token",
  });
}

/** Invokes the steps one after the other; each must succeed. */
export async function runSteps(stack: RotatingStack, token: string, steps: readonly Step[]): Promise<void> {
  for (const step of steps) assertSucceeded(await invokeStep(stack, step, token));
}

export function assertSucceeded(result: InvocationResult): void {
  assert.equal(result.functionError, undefined, JSON.stringify(result.payload));
}

/** @returns what Lambda reports, for further assertions */
export function assertFailed(result: InvocationResult, errorType: string, message: RegExp): FunctionErrorPayload {
  assert(result.functionError !== undefined, `succeeded, and ${errorType} was expected`);
  assert.equal(result.payload.errorType, errorType, result.payload.errorMessage);
  assert.match(result.payload.errorMessage, message);
  return result.payload;
}

/** Asserts a failure that leaves every label, value and role unchanged. */
export async function assertRefused(
  stack: TestStack,
  run: () => Promise<InvocationResult>,
  errorType: string,
  message: RegExp,
): Promise<void> {
  const before = await snapshot(stack);
  assertFailed(await run(), errorType, message);
  assert.deepEqual(await snapshot(stack), before);
}

async function snapshot(stack: TestStack): Promise<unknown> {
  const { VersionIdsToStages } = await stack.client.send(new DescribeSecretCommand({ SecretId: stack.secretArn }));
  const roles = await querySuperuser(
    stack,
    `select rolname, rolpassword, rolcanlogin, rolconnlimit, rolvaliduntil,
        (select array_agg(setconfig) from pg_db_role_setting where setrole = pg_authid.oid) as settings,
        array(select roleid::regrole::text from pg_auth_members where member = pg_authid.oid order by roleid) as "memberOf"
      from pg_authid order by rolname`,
  );
  return { VersionIdsToStages, roles };
}

/** Puts a value without a rotation, as anyone with access to the secret can. */
export async function putValue(
  stack: RotatingStack,
  value: string | Uint8Array | Record<string, unknown>,
  { token = randomUUID(), stage = "AWSCURRENT" }: { token?: string; stage?: string } = {},
): Promise<string> {
  const content =
    value instanceof Uint8Array
      ? { SecretBinary: value }
      : { SecretString: typeof value === "string" ? value : JSON.stringify(value) };
  const version = { SecretId: stack.secretArn, ClientRequestToken: token, VersionStages: [stage] };
  await stack.client.send(new PutSecretValueCommand({ ...version, ...content }));
  return token;
}

export async function removeLabel(stack: RotatingStack, stage: string, versionId: string): Promise<void> {
  const label = { SecretId: stack.secretArn, VersionStage: stage, RemoveFromVersionId: versionId };
  await stack.client.send(new UpdateSecretVersionStageCommand(label));
}

/** Runs SQL as the server's real superuser, which does not exist on RDS: only to inspect, or to break something. */
export function querySuperuser(stack: TestStack, sql: string, values: unknown[] = []): Promise<object[]> {
  return stack.superuserSession.query(sql, values);
}

/** Runs SQL in the stack's database as the login. */
export async function query(stack: TestStack, login: Login, sql: string, values: unknown[] = []): Promise<object[]> {
  const client = new Client(loginConfig(stack.postgres, login, stack.database));
  await client.connect();
  try {
    return (await client.query<object>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

export async function canLogIn(stack: TestStack, login: Login): Promise<boolean> {
  try {
    await query(stack, login, "select");
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, "28P01");
    return false;
  }
}

/**
 * Holds the lock of the stack's user until the work also waits for it and `meanwhile` is done, then lets the work
 * continue.
 *
 * @returns the work's result
 */
export async function whileLocked<T>(
  stack: TestStack,
  work: () => Promise<T>,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<T> {
  const holder = new Client(loginConfig(stack.postgres, stack.postgres.administrator, stack.database));
  await holder.connect();
  await holder.query("select pg_advisory_lock(hashtextextended($1, 0))", [`todo-rotation:${stack.username}`]);
  try {
    const result = work();
    await untilOneWaits(stack);
    await meanwhile();
    await holder.end();
    return await result;
  } finally {
    await holder.end();
  }
}

/** Waits until a session waits for an advisory lock in the stack's database. One with a lock of its own does not. */
async function untilOneWaits(stack: TestStack): Promise<void> {
  const sql = `select from pg_locks join pg_database on pg_database.oid = pg_locks.database
    where locktype = 'advisory' and not granted and datname = $1`;
  await until(async () => (await querySuperuser(stack, sql, [stack.database])).length > 0);
}

/** What the PostgreSQL server has logged about the function's work in the stack's database since this was called. */
export function watchServerLog({ postgres, database, username }: TestStack) {
  const start = readFileSync(postgres.logFile, "utf8").length;
  const lines = (): string[] => readFileSync(postgres.logFile, "utf8").slice(start).split("\n");
  return {
    logins: () =>
      lines()
        .filter((line) => line.includes(`database=${database} application_name=todo-rotation`))
        .map((line) => /connection authorized: user=(\S+)/.exec(line)?.[1]),
    failedLogins: () =>
      lines().filter((line) => line.includes("password authentication failed") && line.includes(username)).length,
    text: () => lines().join("\n"),
  };
}

/** A server on another port that counts connections: none are allowed to a host that is not AWSCURRENT's. */
export async function startDecoy(): Promise<{ port: number; connections: () => number; stop: () => void }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1").unref(); // a test that fails before stop() does not keep mocha waiting
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => connections, stop: () => void server.close() };
}
