import { logInAsSuperuser } from "../superuser";
import type { Session } from "../postgres";
import { lockUser } from "../roles";
import { findFormerUsers, lockOut } from "./former-users";
import type { BootstrapInput } from "./input";
import { checkOwner } from "./owner";
import { checkNames, type EnsuredLogin, ensureRolesAndSchema } from "./roles";
import { type BootstrapAccess, readUser, type User } from "./user";
import { ensureValue, type ValueResult } from "./value";

/** What was done. It holds no values. */
export interface BootstrapResult {
  readonly ownerRole: "created" | "existed";
  /** By user name. */
  readonly users: Readonly<Record<string, UserResult>>;
  /** Roles that can no longer log in, since their users are no longer listed. */
  readonly lockedOut: readonly string[];
}

interface UserResult extends ValueResult {
  readonly role: EnsuredLogin;
}

/**
 * Creates whatever is missing of the roles, the schema and each secret's first value, and locks out users that are no
 * longer listed. A value that logs in is left alone. Everything happens under the locks that rotations take, and in one
 * transaction. If a run fails halfway, the next one completes it.
 *
 * @throws RotationError and the contract's errors
 */
export async function bootstrap(input: BootstrapInput, access: BootstrapAccess): Promise<BootstrapResult> {
  const session = await logInAsSuperuser(input, access);
  try {
    return await session.transaction(() => bootstrapIn(session, input, access));
  } finally {
    await session.close();
  }
}

async function bootstrapIn(session: Session, input: BootstrapInput, access: BootstrapAccess): Promise<BootstrapResult> {
  const { settings, openSecret } = access;
  const { ownerRole, secrets } = settings;
  const listed = secrets.map(({ username }) => username);
  const formerUsers = await findFormerUsers(session, ownerRole, listed);
  // Always in the same order, so that two bootstraps never deadlock.
  for (const username of [...listed, ...formerUsers].sort()) await lockUser(session, username);

  await checkOwner(session, ownerRole, secrets[0].secretArn);
  const users: User[] = [];
  for (const entry of secrets) users.push(await readUser(entry, openSecret(entry.secretArn)));
  for (const user of users) await checkNames(session, user, ownerRole);

  const roles = await ensureRolesAndSchema(session, users, settings);
  for (const username of formerUsers) await lockOut(session, username);
  const results: [string, UserResult][] = [];
  for (const [i, user] of users.entries()) {
    const role = roles.logins[i] ?? "existed";
    results.push([user.entry.username, { role, ...(await ensureValue(session, input, access, user, role)) }]);
  }
  return { ownerRole: roles.ownerRole, users: Object.fromEntries(results), lockedOut: formerUsers };
}
