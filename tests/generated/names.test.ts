import assert from "node:assert/strict";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { escapeIdentifier } from "pg";
import { InvalidDatabaseCredentialsError } from "../../contract/database-credentials";
import { RotationError } from "../../rotation-fn/errors";
import { type FunctionInProcess, functionInProcess } from "../support/faults/function-in-process";
import { holderOf, SeenPasswords } from "../support/faults/invariants";
import { forEachGenerated } from "../support/generated";
import { sharedPostgres } from "../support/postgres";
import { beginRotation, canLogIn, querySuperuser, removeLabel } from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";

const maxBytes = 63;
const cloneBytes = "_clone".length;

/** What SQL, JSON, a log or a shell may misinterpret, and what is just a name to PostgreSQL. */
const awkward = [
  ...Array.from("'\"\\;$%&()*-/ \t\n\r`\u00e9\u{1f511}\u0301\u202e\ufeff"),
  ...["--", "/*", "$$", "\\'", '"; drop table precious; --', "'; drop table precious; --", "_clone", "$1", "{}", "%s"],
];
const name = fc
  .oneof(
    {
      // Each tries several awkward things at once.
      arbitrary: fc.string({
        unit: fc.oneof(
          { arbitrary: fc.constantFrom(...awkward), weight: 3 },
          fc.string({ unit: "grapheme", size: "-1" }),
        ),
        minLength: 4,
        maxLength: 12,
      }),
      weight: 5,
    },
    fc.constantFrom("select", "SELECT", "public", "none", "pg_me", "current_user", "x_clone", "_clone", "u".repeat(63)),
    fc.constantFrom("\u00e9".repeat(31), "\u{1f511}".repeat(14), "u".repeat(57), '"'.repeat(57), "'".repeat(57)),
  )
  .filter((text) => text !== "" && !text.includes("\0") && Buffer.byteLength(text) <= maxBytes);

const names = fc
  .record({ username: name, ownerRole: name })
  .filter(({ username, ownerRole }) => ![username, `${username}_clone`].includes(ownerRole));

/** PostgreSQL reserves some names; its answer must arrive as an error of the function's own. */
async function endsClearly(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    assert(error instanceof RotationError || error instanceof InvalidDatabaseCredentialsError, inspect(error));
    return false;
  }
}

async function assertRotates(stack: TestStack, fn: FunctionInProcess, seen: SeenPasswords): Promise<void> {
  const token = await beginRotation(stack);
  await fn.rotate(token);
  await removeLabel(stack, "AWSPENDING", token);
  assert.equal(await holderOf(stack, "AWSCURRENT"), token);
  const login = await seen.read(stack, "AWSCURRENT");
  assert(login && (await canLogIn(stack, login)), "AWSCURRENT does not log in");
}

/** Roles belong to the whole server: another input may have the same names. */
async function dropRoles(stack: TestStack, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    if ((await querySuperuser(stack, "select from pg_roles where rolname = $1", [role])).length === 0) continue;
    await querySuperuser(stack, `drop owned by ${escapeIdentifier(role)} cascade`);
    await querySuperuser(stack, `drop role ${escapeIdentifier(role)}`);
  }
}

for (const strategy of ["single-user", "alternating-users"] as const) {
  describe(`any name that PostgreSQL takes (${strategy})`, () => {
    it("is created, rotated and logged in with unchanged, and never read as SQL", async () => {
      const seen = new SeenPasswords();
      const logs: string[] = [];
      const taken = new Set<string>();
      const inUse = new Set<string>();
      let rotated = 0;
      const logFile = (await sharedPostgres()).logFile;
      const logged = readFileSync(logFile, "utf8").length;
      await forEachGenerated(names, 12, async ({ username, ownerRole }) => {
        const roles = [username, `${username}_clone`, ownerRole];
        if (roles.some((role) => inUse.has(role))) return; // by an input that is tested at the same time
        roles.forEach((role) => inUse.add(role));
        const stack = await startStack({ strategy, bootstrapped: false });
        const [own] = stack.secrets;
        const fn = functionInProcess({ ...stack, ownerRole, secrets: [{ ...own, username }] });
        try {
          await querySuperuser(stack, "create table precious ()");
          if (!(await endsClearly(fn.bootstrap()))) return;
          assert.equal((await stack.readLogin()).username, username);
          const isTooLong = strategy === "alternating-users" && Buffer.byteLength(username) > maxBytes - cloneBytes;
          if (isTooLong || username === "_clone") {
            assert.equal(await endsClearly(fn.rotate(await beginRotation(stack))), strategy === "single-user");
          } else {
            await assertRotates(stack, fn, seen);
            await assertRotates(stack, fn, seen);
            rotated += 1;
            taken.add(username);
          }
          await querySuperuser(stack, "select from precious");
        } finally {
          logs.push(...fn.log);
          fn.destroy();
          await dropRoles(stack, roles);
          await stack.stop();
          roles.forEach((role) => inUse.delete(role));
        }
      });
      assert(rotated >= 8, `${rotated} of the names were rotated`);
      assert([...taken].some((username) => /['"\\]/.test(username)));
      assert(!/ERROR: {2}syntax error/.test(readFileSync(logFile, "utf8").slice(logged)));
      seen.assertLoggedNowhere(logs, await sharedPostgres());
    });
  });
}
