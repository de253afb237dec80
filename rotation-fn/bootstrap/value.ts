import { randomUUID } from "node:crypto";
import { type DatabaseCredentials, parseDatabaseCredentials } from "../../contract/database-credentials";
import { RotationUnderWayError } from "../errors";
import { generatePassword } from "../password";
import { logIn, type Session } from "../postgres";
import { setPassword } from "../roles";
import type { SecretStore } from "../secret-store";
import type { BootstrapInput } from "./input";
import type { EnsuredLogin } from "./roles";
import { type BootstrapAccess, currentName, type User } from "./user";

export interface ValueResult {
  readonly password: "set" | "kept";
  readonly secret: "created" | "updated" | "kept";
}

/** Gives one secret a value that logs in and points where the input says. A value that already does is left alone. */
export async function ensureValue(
  session: Session,
  input: BootstrapInput,
  access: BootstrapAccess,
  user: User,
  login: EnsuredLogin,
): Promise<ValueResult> {
  const { settings } = access;
  const { entry, store, stored } = user;
  const password = stored?.credentials.password ?? generatePassword(settings.password);
  const username = currentName(user);
  const value = {
    ...stored?.json,
    engine: stored?.credentials.engine ?? "postgres",
    ...input,
    username,
    password,
    // Without it, AWS's function repeats each failed login without TLS.
    ...(settings.implementation === "aws-provided" && { ssl: true }),
    masterarn: entry.strategy === "alternating-users" ? settings.superuserSecretArn : undefined,
  };
  const mayLogIn = stored !== undefined && login !== "let in again";
  const logsIn = mayLogIn && (await anyVersionLogsIn(input, access, store, stored.credentials));
  const isSame = stored !== undefined && Object.entries(value).every(([key, part]) => stored.json[key] === part);
  if (stored && !isSame) await checkNoRotation(store);
  if (stored && !(logsIn && isSame)) await checkStillCurrent(store, stored.text);
  if (!logsIn) await setPassword(session, { username, password, encryption: settings.passwordEncryption });
  if (!isSame) await store.putCurrent(randomUUID(), JSON.stringify(value));
  return { password: logsIn ? "kept" : "set", secret: isSame ? "kept" : stored ? "updated" : "created" };
}

/**
 * Checks AWSCURRENT and the candidate of a rotation between setSecret and finishSecret: setting the password back then
 * would make that rotation promote a candidate that does not log in.
 */
async function anyVersionLogsIn(
  input: BootstrapInput,
  { settings, remainingTimeMs }: BootstrapAccess,
  store: SecretStore,
  stored: DatabaseCredentials,
): Promise<boolean> {
  const canLogIn = async ({ username, password }: DatabaseCredentials): Promise<boolean> => {
    const session = await logIn({ ...input, username, password }, { ...settings, remainingTimeMs });
    await session?.close();
    return session !== undefined;
  };
  if (await canLogIn(stored)) return true;
  const pending = await store.getByStage("AWSPENDING");
  if (pending === undefined) return false;
  const { credentials } = parseDatabaseCredentials(pending, `AWSPENDING of ${store.secretArn}`);
  return credentials.username === stored.username && (await canLogIn(credentials));
}

/** A value written now would abandon the rotation, and the rotation could undo it. */
async function checkNoRotation(store: SecretStore): Promise<void> {
  const { versionStages } = await store.describe();
  const isUnderWay = Object.values(versionStages).some(
    (stages) => stages.includes("AWSPENDING") && !stages.includes("AWSCURRENT"),
  );
  if (!isUnderWay) return;
  const accepted = "a secret without one; wait for the rotation, or repair a stuck one, and run this again";
  throw new RotationUnderWayError(`AWSPENDING of ${store.secretArn}`, "a rotation under way", accepted);
}

/**
 * finishSecret takes no lock: a rotation may have moved AWSCURRENT since it was read, and then the password at hand is
 * the old one. Checked last, the result stays true: another rotation needs the lock before it can finish.
 */
async function checkStillCurrent(store: SecretStore, text: string): Promise<void> {
  if ((await store.getByStage("AWSCURRENT")) === text) return;
  const accepted = "the version that was read first; run this again";
  throw new RotationUnderWayError(`AWSCURRENT of ${store.secretArn}`, "a version that has just become it", accepted);
}
