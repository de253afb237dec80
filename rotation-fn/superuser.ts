import { parseSuperuserCredentials } from "../contract/database-credentials";
import {
  RotationError,
  SuperuserLoginRefusedError,
  SuperuserSecretMissingError,
  SuperuserSecretUnreadableError,
} from "./errors";
import { logIn, type Session } from "./postgres";
import type { SecretStore } from "./secret-store";
import type { Settings } from "./settings";

/**
 * Logs in as the superuser (RDS's master user: CREATEROLE, not a real superuser) at the endpoint that the caller
 * trusts. The secret that RDS manages holds only a user name and a password. If it names a host, that is ignored.
 *
 * @throws SuperuserSecretMissingError, SuperuserSecretUnreadableError, SuperuserLoginRefusedError, the contract's errors
 */
export async function logInAsSuperuser(
  endpoint: { readonly host: string; readonly port: number; readonly dbname: string },
  access: { settings: Settings; superuserStore: SecretStore | undefined; remainingTimeMs: () => number },
): Promise<Session> {
  const superuser = await readSuperuser(access.superuserStore);
  const { host, port, dbname } = endpoint;
  const { settings, remainingTimeMs } = access;
  const session = await logIn({ host, port, dbname, ...superuser }, { ...settings, remainingTimeMs });
  if (session) return session;
  const accepted = "a superuser secret that logs in to this database; one that RDS manages is rotated by RDS alone";
  throw new SuperuserLoginRefusedError(`superuser ${superuser.username} at ${host}`, "a refusal (28P01)", accepted);
}

async function readSuperuser(store: SecretStore | undefined): Promise<{ username: string; password: string }> {
  if (!store) {
    const accepted = "the ARN of the superuser's secret";
    throw new SuperuserSecretMissingError("SUPERUSER_SECRET_ARN", "nothing", accepted);
  }
  let text: string | undefined;
  try {
    text = await store.getByStage("AWSCURRENT");
  } catch (error) {
    if (!(error instanceof RotationError)) throw error;
    throw new SuperuserSecretUnreadableError(store.secretArn, error.received, error.accepted);
  }
  if (text === undefined) {
    throw new SuperuserSecretUnreadableError(store.secretArn, "no AWSCURRENT version", "a version with a value");
  }
  return parseSuperuserCredentials(text, `AWSCURRENT of ${store.secretArn}`);
}
