import { maxNameBytes } from "../../contract/database-credentials";
import { type Access, accessRole } from "../../contract/database-secrets";
import { RoleNameTakenError, RoleNameTooLongError } from "../errors";
import type { Session } from "../postgres";
import { madeHere, roleComment, roleExists } from "../roles";

/*
 * What users other than the owner may do: the SQL for the NOLOGIN roles that give access.
 */

/** What each access may do in the schema, with existing and future tables and sequences. */
const rights: Readonly<Record<Exclude<Access, "owner">, { readonly tables: string; readonly sequences?: string }>> = {
  "read-write": { tables: "select, insert, update, delete", sequences: "usage" },
  "read-only": { tables: "select" },
};

/** pg_class.relkind of what GRANT … ON TABLE takes: tables, views, materialized views, foreign and partitioned tables. */
const tableKinds = ["r", "v", "m", "f", "p"];
const sequenceKinds = ["S"];

/**
 * @throws RoleNameTakenError for a role of that name that this function did not make; RoleNameTooLongError
 */
export async function checkAccessRole(session: Session, ownerRole: string, access: Access): Promise<void> {
  const role = accessRole(ownerRole, access);
  const bytes = Buffer.byteLength(role);
  if (bytes > maxNameBytes) {
    throw new RoleNameTooLongError(
      `role for ${access}`,
      `${bytes} bytes`,
      `at most ${maxNameBytes}: a shorter OWNER_ROLE`,
    );
  }
  if (access === "owner" || !(await roleExists(session, role))) return;
  if ((await roleComment(session, role)) === madeHere) return;
  const accepted = "no role of that name, or the one that this function made; rename or drop it";
  throw new RoleNameTakenError(`role ${role}`, "a role that somebody else made", accepted);
}

/** Runs as the administrator, who may create roles. */
export async function ensureAccessRole(session: Session, ownerRole: string, access: Access): Promise<void> {
  const role = accessRole(ownerRole, access);
  if (access === "owner" || (await roleExists(session, role))) return;
  await session.query(`create role ${session.identifier(role)} nologin`);
  await session.query(`comment on role ${session.identifier(role)} is ${session.literal(madeHere)}`);
}

/** Runs as the owner role: grants an access its rights on what the owner has created and will create. */
export async function grantAccess(session: Session, schema: string, ownerRole: string, access: Access): Promise<void> {
  if (access === "owner") return;
  const { tables, sequences } = rights[access];
  const inSchema = session.identifier(schema);
  const to = `to ${session.identifier(accessRole(ownerRole, access))}`;
  const defaults = `alter default privileges in schema ${inSchema}`;
  await session.query(`grant usage on schema ${inSchema} ${to}`);
  await session.query(`${defaults} grant ${tables} on tables ${to}`);
  for (const name of await ownRelations(session, schema, tableKinds)) {
    await session.query(`grant ${tables} on table ${inSchema}.${session.identifier(name)} ${to}`);
  }
  if (sequences === undefined) return;
  await session.query(`${defaults} grant ${sequences} on sequences ${to}`);
  for (const name of await ownRelations(session, schema, sequenceKinds)) {
    await session.query(`grant ${sequences} on sequence ${inSchema}.${session.identifier(name)} ${to}`);
  }
}

/** Owned by the current role. `on all tables` would fail on a table that belongs to another role. */
async function ownRelations(session: Session, schema: string, kinds: readonly string[]): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    `select relname as name from pg_catalog.pg_class
      where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)
        and relowner = (select oid from pg_catalog.pg_roles where rolname = current_user) and relkind = any($2)
      order by 1`,
    [schema, kinds],
  );
  return rows.map(({ name }) => name);
}
