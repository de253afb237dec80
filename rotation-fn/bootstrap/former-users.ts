import { accesses, accessRole } from "../../contract/database-secrets";
import type { Session } from "../postgres";
import { isSameUser, madeHere } from "../roles";

/*
 * Users that used to be listed. Their roles stay, since they may own something, but can no longer log in.
 */

/** The comment on a role that this function has locked out and may let in again. */
const lockedOut = `${madeHere}, no longer listed`;

/** Login roles that this function made for this owner role and whose users are not listed. */
export async function findFormerUsers(
  session: Session,
  ownerRole: string,
  listed: readonly string[],
): Promise<string[]> {
  const rows = await session.query<{ username: string }>(
    `select rolname as username from pg_catalog.pg_roles login
      where rolcanlogin and pg_catalog.shobj_description(oid, 'pg_authid') = $1
        and exists (select from pg_catalog.pg_auth_members join pg_catalog.pg_roles granted on granted.oid = roleid
          where member = login.oid and granted.rolname = any($2))
      order by 1`,
    [madeHere, accesses.map((access) => accessRole(ownerRole, access))],
  );
  const names = rows.map(({ username }) => username);
  return names.filter((name) => !listed.some((username) => isSameUser(name, username)));
}

export async function lockOut(session: Session, username: string): Promise<void> {
  const user = session.identifier(username);
  await session.query(`alter role ${user} nologin`);
  await session.query(`comment on role ${user} is ${session.literal(lockedOut)}`);
}

/**
 * For a user that is listed again. A role that an operator locked out stays locked out.
 *
 * @returns whether the role was locked out until now; a login succeeds only after the commit
 */
export async function letInAgain(session: Session, username: string): Promise<boolean> {
  const rows = await session.query(
    `select from pg_catalog.pg_roles where rolname = $1 and pg_catalog.shobj_description(oid, 'pg_authid') = $2`,
    [username, lockedOut],
  );
  if (rows.length === 0) return false;
  const user = session.identifier(username);
  await session.query(`alter role ${user} login`);
  await session.query(`comment on role ${user} is ${session.literal(madeHere)}`);
  return true;
}
