import type { DatabaseSecretEntry } from "../../contract/database-secrets";
import type { Session } from "../postgres";
import { alternateUsername, checkOurs, ensureLoginRole, type LoginRole, roleExists } from "../roles";
import { schemaName, schemaStatements } from "../schema";
import type { Settings } from "../settings";
import { checkAccessRole, ensureAccessRole, grantAccess } from "./access";
import { letInAgain } from "./former-users";
import { ensureOwnerRole } from "./owner";
import { currentName, type User } from "./user";

/**
 * Runs before anything is changed: a role of that name that belongs to someone else is left alone.
 *
 * @throws NotOwnerMemberError, RoleNameTakenError, RoleNameTooLongError
 */
export async function checkNames(session: Session, user: User, ownerRole: string): Promise<void> {
  const { access, strategy } = user.entry;
  await checkAccessRole(session, ownerRole, access);
  const current = currentName(user);
  for (const username of strategy === "alternating-users" ? [current, alternateUsername(current)] : [current]) {
    if (await roleExists(session, username)) await checkOurs(session, { username, ownerRole, access });
  }
}

/** What existed already and what was created. */
export interface EnsuredRoles {
  readonly ownerRole: "created" | "existed";
  /** In the order of the users. */
  readonly logins: readonly EnsuredLogin[];
}

/** For the login role in use. One that was locked out can log in only after the commit. */
export type EnsuredLogin = "created" | "let in again" | "existed";

export async function ensureRolesAndSchema(
  session: Session,
  users: readonly User[],
  settings: Settings,
): Promise<EnsuredRoles> {
  const { ownerRole, secrets } = settings;
  const owner = session.identifier(ownerRole);
  const schema = session.identifier(schemaName);
  const ownerCreated = await ensureOwnerRole(session, ownerRole, secrets[0].secretArn);
  await session.query(`create schema if not exists ${schema} authorization ${owner}`);
  const accesses = [...new Set(users.map(({ entry }) => entry.access))];
  for (const access of accesses) await ensureAccessRole(session, ownerRole, access);
  const logins: EnsuredLogin[] = [];
  for (const user of users) logins.push(await ensureLogin(session, user, settings));
  await session.query(`set local role ${owner}`);
  for (const statement of schemaStatements) await session.query(statement);
  for (const access of accesses) await grantAccess(session, schemaName, ownerRole, access);
  await session.reset();
  return { ownerRole: ownerCreated ? "created" : "existed", logins };
}

async function ensureLogin(session: Session, user: User, settings: Settings): Promise<EnsuredLogin> {
  const { access, strategy } = user.entry;
  const role: LoginRole = { username: currentName(user), ownerRole: settings.ownerRole, access };
  const created = await ensureLoginRole(session, role);
  const isLetIn = await letInAgain(session, role.username);
  if (created) {
    const searchPath = session.identifier(schemaName);
    await session.query(`alter role ${session.identifier(role.username)} set search_path = ${searchPath}`);
  }
  // Its turn comes with the next rotation, but its access changes now.
  if (strategy === "alternating-users") {
    const other = alternateUsername(role.username);
    if (await roleExists(session, other)) {
      await ensureLoginRole(session, { ...role, username: other });
      await letInAgain(session, other);
    }
  }
  if (settings.implementation === "aws-provided") await suitAwsFunction(session, role, strategy);
  return created ? "created" : isLetIn ? "let in again" : "existed";
}

/**
 * AWS's single-user function changes the password as the role that its session runs as, which must be the login role
 * itself. AWS's function for alternating users would create the second user itself, and not as a member of the owner
 * role. So the second user is created here, without a password.
 */
async function suitAwsFunction(
  session: Session,
  role: LoginRole,
  strategy: DatabaseSecretEntry["strategy"],
): Promise<void> {
  if (strategy === "alternating-users") {
    await ensureLoginRole(session, { ...role, username: alternateUsername(role.username), twin: role.username });
  } else {
    await session.query(`alter role ${session.identifier(role.username)} reset role`);
  }
}
