import { RoleNameTakenError, SchemaNameTakenError } from "../errors";
import { secretNameOf } from "../metrics";
import type { Session } from "../postgres";
import { roleComment, roleExists } from "../roles";
import { schemaName } from "../schema";

/*
 * The owner role belongs to one stack, and so do its members and its schema. Its comment names the stack's own secret.
 * Otherwise another stack with the same username on the same cluster would set the passwords of this stack's users.
 */

/**
 * Runs before anything is changed.
 *
 * @throws RoleNameTakenError for an owner role of another stack; SchemaNameTakenError for a schema of another owner
 */
export async function checkOwner(session: Session, ownerRole: string, secretArn: string): Promise<void> {
  await checkOwnerRole(session, ownerRole, secretArn);
  const [schema] = await session.query<{ owner: string }>(
    "select pg_catalog.pg_get_userbyid(nspowner) as owner from pg_catalog.pg_namespace where nspname = $1",
    [schemaName],
  );
  if (schema === undefined || schema.owner === ownerRole) return;
  const accepted = `one of ${ownerRole}, or none: use a database of its own, or give the schema to ${ownerRole}`;
  throw new SchemaNameTakenError(`schema ${schemaName}`, `one that ${schema.owner} owns`, accepted);
}

async function checkOwnerRole(session: Session, ownerRole: string, secretArn: string): Promise<void> {
  const comment = await roleComment(session, ownerRole);
  if (comment === undefined || comment === ownerOf(secretArn)) return;
  const unmark = `comment on role ${session.identifier(ownerRole)} is null`;
  throw new RoleNameTakenError(
    `role ${ownerRole}`,
    `a role with the comment "${comment}"`,
    `one with the comment "${ownerOf(secretArn)}" or none: use another username or, if no other stack uses the role, run: ${unmark}`,
  );
}

/** @returns whether the role was created */
export async function ensureOwnerRole(session: Session, ownerRole: string, secretArn: string): Promise<boolean> {
  const owner = session.identifier(ownerRole);
  const exists = await roleExists(session, ownerRole);
  if (!exists) await session.query(`create role ${owner} nologin`);
  // A role's creator may administer it but, from PostgreSQL 16 on, not yet act as it.
  await session.query(`grant ${owner} to ${session.identifier(session.username)}`);
  if ((await roleComment(session, ownerRole)) === undefined) {
    await session.query(`comment on role ${owner} is ${session.literal(ownerOf(secretArn))}`);
  }
  return !exists;
}

/** The owner role's comment. */
function ownerOf(secretArn: string): string {
  return `owner role of the secret ${secretNameOf(secretArn)}`;
}
