import { isDeepStrictEqual } from "node:util";
import { maxNameBytes } from "../contract/database-credentials";
import { type Access, accesses, accessRole } from "../contract/database-secrets";
import { MissingPrivilegeError, NotOwnerMemberError, RoleNameTooLongError } from "./errors";
import type { Session } from "./postgres";
import { scramVerifier } from "./scram";
import type { PasswordEncryption } from "./settings";

/*
 * The SQL for login roles, shared by bootstrap and both strategies.
 *
 * Each is a member of one NOLOGIN role, which gives it its access. With access "owner" it also runs as that role (alter
 * role … set role), so that what one of two alternating users creates belongs to the other too.
 */

/** What a login role should be. */
export interface LoginRole {
  readonly username: string;
  readonly ownerRole: string;
  readonly access: Access;
}

const cloneSuffix = "_clone";
const roleSetting = "role=";

/** user → user_clone → user. */
export function alternateUsername(username: string): string {
  if (username.endsWith(cloneSuffix)) return baseUsername(username);
  const clone = username + cloneSuffix;
  const bytes = Buffer.byteLength(clone);
  if (bytes > maxNameBytes) {
    const accepted = `at most ${maxNameBytes - cloneSuffix.length}: PostgreSQL would cut "${cloneSuffix}" off a longer name`;
    throw new RoleNameTooLongError("username", `${bytes - cloneSuffix.length} bytes`, accepted);
  }
  return clone;
}

/** Whether both names belong to the same user. */
export function isSameUser(username: string, other: string): boolean {
  return baseUsername(username) === baseUsername(other);
}

function baseUsername(username: string): string {
  return username.endsWith(cloneSuffix) ? username.slice(0, -cloneSuffix.length) : username;
}

/** Allows one rotation or bootstrap of a user at a time, under either of its names, until the transaction ends. */
export async function lockUser(session: Session, username: string): Promise<void> {
  const key = `todo-rotation:${baseUsername(username)}`;
  await session.query("select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))", [key]);
}

/** @throws MissingPrivilegeError with the GRANT that is missing */
export async function setPassword(
  session: Session,
  { username, password, encryption }: { username: string; password: string; encryption: PasswordEncryption },
): Promise<void> {
  const secret = encryption === "server" ? password : scramVerifier(password);
  await explainPrivilege(session, username, async () => {
    await session.query(`alter role ${session.identifier(username)} password ${session.literal(secret)}`);
  });
}

export async function roleExists(session: Session, role: string): Promise<boolean> {
  const rows = await session.query("select from pg_catalog.pg_roles where rolname = $1", [role]);
  return rows.length > 0;
}

/** The comment on a role; undefined if there is no comment or no such role. */
export async function roleComment(session: Session, role: string): Promise<string | undefined> {
  const [row] = await session.query<{ comment: string | null }>(
    "select pg_catalog.shobj_description(oid, 'pg_authid') as comment from pg_catalog.pg_roles where rolname = $1",
    [role],
  );
  return row?.comment ?? undefined;
}

/** A role that gives a login role its access. */
interface Membership {
  readonly role: string;
  /** Whether the login role may use its privileges and run as it: GRANT … WITH can allow less. */
  readonly isFull: boolean;
}

async function membershipsOf(session: Session, { username, ownerRole }: Omit<LoginRole, "access">) {
  return session.query<Membership>(
    `select granted.rolname as role, bool_or(inherit_option) and bool_or(set_option) as "isFull"
      from pg_catalog.pg_auth_members
      join pg_catalog.pg_roles granted on granted.oid = roleid
      join pg_catalog.pg_roles login on login.oid = member
      where login.rolname = $1 and granted.rolname = any($2) group by granted.rolname`,
    [username, accesses.map((access) => accessRole(ownerRole, access))],
  );
}

/**
 * A name alone proves nothing: "x_clone" may be an unrelated user. Only members of the application's roles are changed.
 *
 * @returns its memberships of the application's roles
 * @throws NotOwnerMemberError
 */
export async function checkOurs(session: Session, { username, ownerRole, access }: LoginRole): Promise<Membership[]> {
  const memberships = await membershipsOf(session, { username, ownerRole });
  if (memberships.length > 0) return memberships;
  const role = accessRole(ownerRole, access);
  throw new NotOwnerMemberError(
    `role ${username}`,
    `a role that is no member of ${role}`,
    `one of the application's own; if it is, run: grant ${session.identifier(role)} to ${session.identifier(username)}`,
  );
}

/** The comment on every role that this function makes. No other role is ever locked out. */
export const madeHere = "made by todo-rotation";

/**
 * Creates the login role if it is missing, and sets what makes it interchangeable with its twin: its access, and the
 * twin's limits and settings.
 *
 * @param twin the other of two alternating users, whose limits and settings are copied
 * @returns whether the role was created
 * @throws NotOwnerMemberError for a role of that name that is not the application's; MissingPrivilegeError
 */
export async function ensureLoginRole(
  session: Session,
  { username, ownerRole, access, twin }: LoginRole & { readonly twin?: string },
): Promise<boolean> {
  const exists = await roleExists(session, username);
  const user = session.identifier(username);
  const role = accessRole(ownerRole, access);
  const memberships = exists ? await checkOurs(session, { username, ownerRole, access }) : [];
  if (!exists) {
    await session.query(`create role ${user} login`);
    await session.query(`comment on role ${user} is ${session.literal(madeHere)}`);
  }
  if (!memberships.some((one) => one.role === role && one.isFull)) {
    const grant = `grant ${session.identifier(role)} to ${user} with inherit true, set true`;
    await explainPrivilege(session, role, () => session.query(grant));
  }
  const formerRoles = memberships.map((one) => one.role).filter((former) => former !== role);
  await revokeAccess(session, { username, ownerRole }, formerRoles);
  const is = await readRoleSettings(session, username);
  const from = twin === undefined ? is : await readRoleSettings(session, twin);
  const wanted = { ...from, role: access === "owner" ? ownerRole : undefined };
  await explainPrivilege(session, username, () => changeRoleSettings(session, username, is, wanted));
  return !exists;
}

/** @throws MissingPrivilegeError if another role has granted it: REVOKE then only warns */
async function revokeAccess(
  session: Session,
  login: Omit<LoginRole, "access">,
  formerRoles: readonly string[],
): Promise<void> {
  if (formerRoles.length === 0) return;
  const user = session.identifier(login.username);
  const revoke = (role: string) => `revoke ${session.identifier(role)} from ${user}`;
  for (const role of formerRoles) await session.query(revoke(role));
  const left = (await membershipsOf(session, login)).find(({ role }) => formerRoles.includes(role))?.role;
  if (left === undefined) return;
  const accepted = `none beside its access; as the role that granted it run: ${revoke(left)}`;
  throw new MissingPrivilegeError(
    `role ${login.username}`,
    `a membership of ${left} that another role granted`,
    accepted,
  );
}

/** What a role has in every database. */
interface RoleSettings {
  readonly connectionLimit: number;
  readonly validUntil: string;
  /** The role that it runs as: the setting "role", which must not be set in the transaction that copies the others. */
  readonly role: string | undefined;
  /** name=value, sorted. */
  readonly settings: readonly string[];
}

async function readRoleSettings(session: Session, username: string): Promise<RoleSettings> {
  const [row] = await session.query<Omit<RoleSettings, "role">>(
    `select rolconnlimit as "connectionLimit", coalesce(rolvaliduntil::text, 'infinity') as "validUntil",
        array(select setting from pg_catalog.unnest(rolconfig) setting order by setting) as settings
      from pg_catalog.pg_roles where rolname = $1`,
    [username],
  );
  const { settings, ...limits } = row ?? { connectionLimit: -1, validUntil: "infinity", settings: [] };
  const isRole = (setting: string) => setting.startsWith(roleSetting);
  return {
    ...limits,
    role: settings.find(isRole)?.slice(roleSetting.length),
    settings: settings.filter((setting) => !isRole(setting)),
  };
}

/** Changes what differs: most rotations find nothing, and each ALTER ROLE leaves a dead row in the server's catalogs. */
async function changeRoleSettings(
  session: Session,
  username: string,
  is: RoleSettings,
  wanted: RoleSettings,
): Promise<void> {
  const user = session.identifier(username);
  if (is.connectionLimit !== wanted.connectionLimit || is.validUntil !== wanted.validUntil) {
    const validUntil = session.literal(wanted.validUntil);
    await session.query(`alter role ${user} connection limit ${wanted.connectionLimit} valid until ${validUntil}`);
  }
  const hasOtherSettings = !isDeepStrictEqual(is.settings, wanted.settings);
  if (hasOtherSettings) await session.query(`alter role ${user} reset all`);
  for (const setting of hasOtherSettings ? wanted.settings : []) {
    const [name = "", ...value] = setting.split("=");
    // Goes through the session's own value: `set … to <literal>` would turn a list like search_path into one element.
    await session.query("select pg_catalog.set_config($1, $2, true)", [name, value.join("=")]);
    await session.query(`alter role ${user} set ${session.identifier(name)} from current`);
  }
  if (hasOtherSettings || is.role !== wanted.role) {
    const runAs = wanted.role === undefined ? "reset role" : `set role = ${session.literal(wanted.role)}`;
    await session.query(`alter role ${user} ${runAs}`);
  }
}

/** From PostgreSQL 16 on, CREATEROLE alone does not allow changing an existing role: that needs ADMIN OPTION on it. */
async function explainPrivilege(session: Session, role: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof MissingPrivilegeError)) throw error;
    // The transaction is aborted, so the current user can no longer be looked up; it is the session's user.
    const grant = `grant ${session.identifier(role)} to ${session.identifier(session.username)} with admin option`;
    throw new MissingPrivilegeError(`role ${role}`, error.received, `ADMIN OPTION on it; as its creator run: ${grant}`);
  }
}
