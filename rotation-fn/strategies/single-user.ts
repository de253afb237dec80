import { type DatabaseCredentials, parseDatabaseCredentials } from "../../contract/database-credentials";
import { LoginRefusedError } from "../errors";
import type { Session } from "../postgres";
import { lockUser, setPassword } from "../roles";
import { canLogIn, compareWithCurrent, logInAs, readPending, type DatabaseRotation } from "../database-rotation";
import type { DatabaseStrategy } from "./database";

/**
 * One user that changes its own password. Between setSecret and finishSecret AWSCURRENT does not log in: applications
 * must cope with that, as credential-pool/index.ts does.
 */
export const singleUser: DatabaseStrategy = {
  nextUsername: (current) => current,

  async setSecret(rotation, current) {
    const session = (await logInAs(rotation, current)) ?? (await logInOtherwise(rotation, current));
    if (session === "already set") return;
    try {
      await changeOwnPassword(rotation, current, session);
    } finally {
      await session.close();
    }
  },
};

/** AWSCURRENT is refused: either an earlier try got this far, or an earlier rotation died between set and finish. */
async function logInOtherwise(
  rotation: DatabaseRotation,
  current: DatabaseCredentials,
): Promise<Session | "already set"> {
  const pending = await readPending(rotation);
  compareWithCurrent("AWSPENDING", pending, current, [current.username]);
  if (await canLogIn(rotation, pending)) {
    rotation.info("the pending password is set already");
    return "already set";
  }
  const previous = await readPrevious(rotation, current);
  const session = previous && (await logInAs(rotation, previous));
  if (session) {
    rotation.info("AWSCURRENT does not log in and AWSPREVIOUS does: an earlier rotation did not finish");
    return session;
  }
  throw new LoginRefusedError(
    `user ${current.username} at ${current.host}`,
    "a refusal of AWSCURRENT, AWSPENDING and AWSPREVIOUS (28P01)",
    "a user that one of them logs in as; docs/runbook.md says how to recover, or run the bootstrap function",
  );
}

/** Read only when needed, so that a broken AWSPREVIOUS stops no other rotation. */
async function readPrevious(
  rotation: DatabaseRotation,
  current: DatabaseCredentials,
): Promise<DatabaseCredentials | undefined> {
  const { store } = rotation;
  const text = await store.getByStage("AWSPREVIOUS");
  if (text === undefined) return undefined;
  const previous = parseDatabaseCredentials(text, `AWSPREVIOUS of ${store.secretArn}`).credentials;
  compareWithCurrent("AWSPREVIOUS", previous, current, [current.username]);
  return previous;
}

async function changeOwnPassword(
  rotation: DatabaseRotation,
  current: DatabaseCredentials,
  session: Session,
): Promise<void> {
  await session.transaction(async () => {
    await lockUser(session, current.username);
    // Under the lock, so that an invocation that has lost its rotation cannot set the password of a dead version.
    const pending = await readPending(rotation);
    compareWithCurrent("AWSPENDING", pending, current, [current.username]);
    await setPassword(session, { ...pending, encryption: rotation.settings.passwordEncryption });
  });
}
