import assert from "node:assert/strict";
import type { DatabaseSecretEntry, DatabaseStrategyName } from "../../contract/database-secrets";
import type { InvocationResult } from "../../local/lambda";
import type { RotatingSecret } from "../../local/rotating-secret";
import { KeptSession } from "./kept-session";
import { loginConfig } from "./postgres";
import type { RotatingStack } from "./rotation";
import { startStack, type TestStack } from "./stack";

/** A stack with three additional users, one for each access. */
export async function startSeveralUsers(strategy: DatabaseStrategyName, options: { readonly bootstrapped: boolean }) {
  // Roles belong to the server, which the test files share.
  made += 1;
  const [writer, reader, second] = [`writer_${made}`, `reader_${made}`, `second_${made}`];
  const stack = await startStack({
    strategy,
    ...options,
    additionalUsers: [
      { name: writer, access: "read-write" },
      { name: reader, access: "read-only" },
      { name: second, access: "owner" },
    ],
  });
  return { stack, writer, reader, second };
}

let made = 0;

/** How a user differs from how the stack was created. */
type Change = Partial<Pick<DatabaseSecretEntry, "access" | "strategy">>;

/** An additional user of the stack, as the steps of a rotation need it. */
export function secretOf({ additional, secretsManager }: TestStack, name: string): RotatingStack & RotatingSecret {
  const secret = additional[name];
  assert(secret);
  return { ...secret, secretsManager };
}

/** The stack as if the additional user were its own. */
export function asStackOf(stack: TestStack, username: string): TestStack {
  const secret = secretOf(stack, username);
  return { ...stack, ...secret, username, readLogin: (stage) => loginOf(secret, stage) };
}

export async function loginOf(secret: RotatingSecret, stage?: Parameters<RotatingSecret["readValue"]>[0]) {
  const { username, password } = await secret.readValue(stage);
  return { username: String(username), password: String(password) };
}

/** Bootstrap, as `up` invokes it after a change: with the remaining users, each in its current state. */
export function bootstrapWith(stack: TestStack, users: Readonly<Record<string, Change>>): Promise<InvocationResult> {
  const listed = stack.secrets.flatMap((entry) => {
    const change = entry.username === stack.username ? {} : users[entry.username];
    return change ? [{ ...entry, ...change }] : [];
  });
  return stack.bootstrap({ secrets: listed });
}

/** The user's login roles: both for alternating users. */
export function namesInTurn(strategy: DatabaseStrategyName, name: string): string[] {
  return strategy === "single-user" ? [name] : [name, `${name}_clone`];
}

/** The user may not run any of the statements. */
export async function assertForbidden(
  { postgres, database }: TestStack,
  login: Awaited<ReturnType<typeof loginOf>>,
  ...statements: readonly string[]
): Promise<void> {
  const session = new KeptSession(loginConfig(postgres, login, database));
  try {
    for (const sql of statements) {
      await assert.rejects(session.query(sql, []), { code: "42501" }, `${login.username}: ${sql}`);
    }
  } finally {
    session.end();
  }
}
