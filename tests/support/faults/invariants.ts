import { DescribeSecretCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Login, PostgresServer } from "../../../local/postgres";
import { beginRotation, canLogIn, querySuperuser, removeLabel, type RotatingStack } from "../rotation";
import type { TestStack } from "../stack";
import type { FunctionInProcess } from "./function-in-process";

/** Every password that was seen in a version of some secret. */
export class SeenPasswords {
  readonly #passwords = new Set<string>();

  /** @returns what the label's version holds; undefined if there is no such version, or it has no value yet */
  async read(stack: TestStack, stage: "AWSCURRENT" | "AWSPENDING"): Promise<Login | undefined> {
    const login = await stack.readLogin(stage).catch((error: unknown) => {
      assert.equal((error as Error).name, "ResourceNotFoundException");
      return undefined;
    });
    if (login) this.#passwords.add(login.password);
    return login;
  }

  /** Searches the logs of the functions and the server. First proves that the search finds what is there. */
  assertLoggedNowhere(texts: readonly string[], postgres: PostgresServer): void {
    const serverLog = readFileSync(postgres.logFile, "utf8");
    assert.match(serverLog, /alter role \S+ password 'SCRAM-SHA-256\$4096:/, "the server's log holds the statements");
    assert(this.#passwords.size > 0);
    for (const password of this.#passwords) {
      assert(!serverLog.includes(password), "a password is in the server's log");
      for (const text of texts) assert(!text.includes(password), "a password is in the function's log or error");
    }
  }
}

/**
 * With alternating users, AWSCURRENT logs in at every moment. A single user changes its own password in place: then
 * AWSCURRENT or AWSPENDING logs in, and clients that keep working through rotations try both.
 */
export async function assertNobodyLockedOut(stack: TestStack, seen: SeenPasswords): Promise<void> {
  const current = await seen.read(stack, "AWSCURRENT");
  const pending = await seen.read(stack, "AWSPENDING");
  assert(current, "no AWSCURRENT");
  if (await canLogIn(stack, current)) return;
  assert.equal(stack.strategy, "single-user", "AWSCURRENT does not log in");
  assert(pending && (await canLogIn(stack, pending)), "neither AWSCURRENT nor AWSPENDING logs in");
}

export async function labelsOf(stack: RotatingStack): Promise<Readonly<Record<string, readonly string[]>>> {
  const { VersionIdsToStages = {} } = await stack.client.send(new DescribeSecretCommand({ SecretId: stack.secretArn }));
  return VersionIdsToStages;
}

/** The version with a label. */
export async function holderOf(stack: RotatingStack, label: string): Promise<string | undefined> {
  return Object.entries(await labelsOf(stack)).find(([, labels]) => labels.includes(label))?.[0];
}

/** A rotation that must succeed, from its start to the removal of AWSPENDING, as Secrets Manager runs it. */
export async function rotateOnce(stack: TestStack, fn: FunctionInProcess): Promise<void> {
  const old = await holderOf(stack, "AWSCURRENT");
  const token = await beginRotation(stack);
  await fn.rotate(token);
  await assertRotated(stack, token, old);
}

/** Asserts the result of a finished rotation, and ends it. */
export async function assertRotated(stack: TestStack, token: string, old: string | undefined): Promise<void> {
  const labels = await labelsOf(stack);
  assert.deepEqual(labels[token]?.toSorted(), ["AWSCURRENT", "AWSPENDING"]);
  assert(old !== undefined);
  assert.deepEqual(labels[old], ["AWSPREVIOUS"]);
  assert.equal(Object.keys(labels).length, 2, "no other version bears a label");
  await removeLabel(stack, "AWSPENDING", token);
  assert(await canLogIn(stack, await stack.readLogin()), "AWSCURRENT does not log in");
}

/** Exactly the stack's roles: none missing, none left over. */
export async function assertRoles(stack: TestStack): Promise<void> {
  const rows = await querySuperuser(stack, "select rolname from pg_roles where rolname ~ $1 order by rolname", [
    `_${stack.database}(_clone)?$`,
  ]);
  const clone = stack.strategy === "alternating-users" ? [`${stack.username}_clone`] : [];
  const expected = [stack.ownerRole, stack.username, ...clone];
  assert.deepEqual(
    rows.map((row) => (row as { rolname: string }).rolname),
    expected.sort(),
  );
}
