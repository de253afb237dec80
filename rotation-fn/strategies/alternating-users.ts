import type { DatabaseCredentials } from "../../contract/database-credentials";
import { CredentialMismatchError, LoginRefusedError } from "../errors";
import type { Session } from "../postgres";
import { alternateUsername, checkOurs, ensureLoginRole, lockUser, setPassword } from "../roles";
import { canLogIn, compareWithCurrent, readPending, type DatabaseRotation } from "../database-rotation";
import { logInAsSuperuser } from "../superuser";
import type { DatabaseStrategy } from "./database";

/** `user` and `user_clone` take turns. The superuser changes the one not in use, so no client is ever refused. */
export const alternatingUsers: DatabaseStrategy = {
  nextUsername: alternateUsername,

  async setSecret(rotation, current) {
    // Proves that the writer of AWSCURRENT owns that user, before the superuser changes anything on its behalf.
    if (!(await canLogIn(rotation, current))) {
      const accepted = "a credential that logs in; docs/runbook.md says how to recover, or run the bootstrap function";
      throw new LoginRefusedError(`AWSCURRENT, user ${current.username}`, "a refusal (28P01)", accepted);
    }
    const { settings, superuserStore, remainingTimeMs } = rotation;
    checkMasterArn(current, settings.superuserSecretArn);
    const session = await logInAsSuperuser(current, { settings, superuserStore, remainingTimeMs });
    try {
      await session.transaction(() => setAlternate(rotation, current, session));
    } finally {
      await session.close();
    }
  },
};

async function setAlternate(rotation: DatabaseRotation, current: DatabaseCredentials, session: Session): Promise<void> {
  const { ownerRole, passwordEncryption } = rotation.settings;
  const { access } = rotation.entry;
  await lockUser(session, current.username);
  // Under the lock, so that an invocation that has lost its rotation cannot set the password of a dead version.
  const pending = await readPending(rotation);
  compareWithCurrent("AWSPENDING", pending, current, [alternateUsername(current.username)]);
  for (const { username } of [current, pending]) {
    if (username === session.username) {
      const accepted = "a user of the application's own, not the superuser";
      throw new CredentialMismatchError("username", `"${username}"`, accepted);
    }
  }
  await checkOurs(session, { username: current.username, ownerRole, access });
  const role = { username: pending.username, ownerRole, access };
  const created = await ensureLoginRole(session, { ...role, twin: current.username });
  if (created) rotation.info(`created role ${pending.username}`);
  await setPassword(session, { ...pending, encryption: passwordEncryption });
}

/** The secret may name the superuser secret but not choose it. */
function checkMasterArn({ masterarn }: DatabaseCredentials, superuserSecretArn: string | undefined): void {
  if (masterarn === undefined || masterarn === superuserSecretArn) return;
  const accepted = `SUPERUSER_SECRET_ARN, "${superuserSecretArn ?? "not set"}"`;
  throw new CredentialMismatchError("masterarn of AWSCURRENT", `"${masterarn}"`, accepted);
}
