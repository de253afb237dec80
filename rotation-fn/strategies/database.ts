import type { DatabaseCredentials } from "../../contract/database-credentials";
import {
  canLogIn,
  compareWithCurrent,
  type DatabaseAccess,
  type DatabaseRotation,
  parseCurrent,
  readCurrent,
  readPending,
} from "../database-rotation";
import { LoginRefusedError } from "../errors";
import { generatePassword } from "../password";
import type { Strategy } from "../strategy";

/** What differs between the two ways to rotate a database credential. */
export interface DatabaseStrategy {
  /** Whose password the next version holds. */
  readonly nextUsername: (current: string) => string;
  /** Makes the pending credential log in. A no-op if it already does. */
  readonly setSecret: (rotation: DatabaseRotation, current: DatabaseCredentials) => Promise<void>;
}

/** A database strategy for the four steps of one secret; it lives as long as its process. */
export function databaseStrategy({ nextUsername, setSecret }: DatabaseStrategy, access: DatabaseAccess): Strategy {
  // Compared with AWSCURRENT by setSecret. A version's value never changes: testSecret need not read AWSCURRENT again.
  const comparedVersions = new Set<string>();
  return {
    createValue({ store }, currentText) {
      const { credentials, json } = parseCurrent(currentText, store, access.entry);
      const next = {
        ...json, // with the keys that this function does not know
        username: nextUsername(credentials.username),
        password: generatePassword(access.settings.password),
      };
      return JSON.stringify(next);
    },

    async setSecret(rotation) {
      const databaseRotation = { ...rotation, ...access };
      await setSecret(databaseRotation, await readCurrent(databaseRotation));
      comparedVersions.add(rotation.versionId);
    },

    async testSecret(rotation) {
      const pending = await readPending(rotation);
      if (!comparedVersions.has(rotation.versionId)) await compare({ ...rotation, ...access }, pending, nextUsername);
      if (!(await canLogIn({ ...rotation, ...access }, pending))) {
        const accepted = "a login; setSecret sets this password";
        throw new LoginRefusedError(`AWSPENDING, user ${pending.username}`, "a refusal (28P01)", accepted);
      }
    },
  };
}

/** If rotation is set up without rotating immediately, Secrets Manager tests a copy of AWSCURRENT, user included. */
async function compare(
  rotation: DatabaseRotation,
  pending: DatabaseCredentials,
  nextUsername: DatabaseStrategy["nextUsername"],
): Promise<void> {
  const current = await readCurrent(rotation);
  const usernames = new Set([nextUsername(current.username), current.username]);
  compareWithCurrent("AWSPENDING", pending, current, [...usernames]);
}
