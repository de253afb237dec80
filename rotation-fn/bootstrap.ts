import { randomUUID } from "node:crypto";
import { type DatabaseCredentials, maxNameBytes, parseDatabaseCredentials } from "../contract/database-credentials";
import { CredentialMismatchError, InvalidEventError, RotationUnderWayError } from "./errors";
import { generatePassword } from "./password";
import { logIn, type Session } from "./postgres";
import { alternateUsername, ensureLoginRole, lockUser, resetSession, roleExists, setPassword } from "./roles";
import { schemaName, schemaStatements } from "./schema";
import type { SecretStore } from "./secret-store";
import type { Settings } from "./settings";
import { logInAsSuperuser } from "./superuser";

/** Where the application's credential leads. Nothing in it is secret: it comes from the Pulumi program. */
export interface BootstrapInput {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly dbClusterIdentifier: string;
}

/** What was done, and no value of anything. */
export interface BootstrapResult {
  readonly ownerRole: "created" | "existed";
  readonly user: "created" | "existed";
  readonly password: "set" | "kept";
  readonly secret: "created" | "updated" | "kept";
}

export interface BootstrapAccess {
  readonly settings: Settings;
  readonly store: SecretStore;
  readonly superuserStore: SecretStore | undefined;
  readonly remainingTimeMs: () => number;
}

/** @throws InvalidEventError */
export function parseBootstrapInput(event: unknown): BootstrapInput {
  const fields = (typeof event === "object" && event !== null ? event : {}) as Record<string, unknown>;
  const readName = (field: string): string => {
    const value = fields[field];
    if (typeof value === "string" && value !== "") return value;
    throw new InvalidEventError(field, value === undefined ? "nothing" : `a ${typeof value}`, "a string");
  };
  const { port } = fields;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new InvalidEventError("port", typeof port, "a whole number from 1 to 65535");
  }
  const username = readName("username");
  if (Buffer.byteLength(username) > maxNameBytes) {
    throw new InvalidEventError("username", `${Buffer.byteLength(username)} bytes`, `at most ${maxNameBytes} bytes`);
  }
  return {
    host: readName("host"),
    port,
    dbname: readName("dbname"),
    username,
    dbClusterIdentifier: readName("dbClusterIdentifier"),
  };
}

/**
 * Makes the roles, the schema and the first value of the application's secret, or whatever of them is missing. A value
 * that logs in is left alone. Everything happens under the lock that rotations take, and in one transaction: what fails
 * half-way is completed by the next run.
 *
 * @throws RotationError and the contract's errors
 */
export async function bootstrap(input: BootstrapInput, access: BootstrapAccess): Promise<BootstrapResult> {
  const session = await logInAsSuperuser(input, access);
  try {
    return await session.transaction(async () => {
      await resetSession(session);
      await lockUser(session, input.username);
      const stored = await readStored(input, access);
      const username = stored?.credentials.username ?? input.username;
      const roles = await ensureRolesAndSchema(session, username, access.settings);
      return { ...roles, ...(await ensureValue(session, input, access, stored)) };
    });
  } finally {
    await session.close();
  }
}

type Stored = ReturnType<typeof parseDatabaseCredentials> & { readonly text: string };

async function readStored(input: BootstrapInput, { store }: BootstrapAccess): Promise<Stored | undefined> {
  const text = await store.getByStage("AWSCURRENT");
  if (text === undefined) return undefined;
  const stored = parseDatabaseCredentials(text, `AWSCURRENT of ${store.secretArn}`);
  const { username } = stored.credentials;
  if (username !== input.username && username !== alternateUsername(input.username)) {
    const accepted = `"${input.username}" or its alternate; a new user name needs a new secret`;
    throw new CredentialMismatchError("username of AWSCURRENT", `"${username}"`, accepted);
  }
  return { ...stored, text };
}

async function ensureRolesAndSchema(
  session: Session,
  username: string,
  { ownerRole, strategy, implementation }: Settings,
): Promise<Pick<BootstrapResult, "ownerRole" | "user">> {
  const owner = session.identifier(ownerRole);
  const ownerExisted = await roleExists(session, ownerRole);
  if (!ownerExisted) await session.query(`create role ${owner} nologin`);
  // A role's creator may administer it, and from PostgreSQL 16 on may not yet act as it.
  await session.query(`grant ${owner} to ${session.identifier(session.username)}`);
  await session.query(`create schema if not exists ${session.identifier(schemaName)} authorization ${owner}`);
  const created = await ensureLoginRole(session, { username, ownerRole });
  if (created) {
    await session.query(
      `alter role ${session.identifier(username)} set search_path = ${session.identifier(schemaName)}`,
    );
  }
  if (implementation === "aws-provided") await suitAwsFunction(session, { username, ownerRole, strategy });
  await session.query(`set local role ${owner}`);
  for (const statement of schemaStatements) await session.query(statement);
  await resetSession(session);
  return { ownerRole: ownerExisted ? "existed" : "created", user: created ? "created" : "existed" };
}

/**
 * AWS's function for a single user changes the password as whoever it runs as once it has logged in: that must be the
 * login role itself. Its function for alternating users would make the second one by itself, and not as a member of the
 * owner role: it finds it made already, without a password.
 */
async function suitAwsFunction(
  session: Session,
  { username, ownerRole, strategy }: { username: string } & Pick<Settings, "ownerRole" | "strategy">,
): Promise<void> {
  if (strategy === "alternating-users") {
    await ensureLoginRole(session, { username: alternateUsername(username), ownerRole, twin: username });
  } else {
    await session.query(`alter role ${session.identifier(username)} reset role`);
  }
}

async function ensureValue(
  session: Session,
  input: BootstrapInput,
  access: BootstrapAccess,
  stored: Stored | undefined,
): Promise<Pick<BootstrapResult, "password" | "secret">> {
  const { settings, store } = access;
  const password = stored?.credentials.password ?? generatePassword(settings.password);
  const username = stored?.credentials.username ?? input.username;
  const value = {
    ...stored?.json,
    engine: stored?.credentials.engine ?? "postgres",
    ...input,
    username,
    password,
    // Without it, AWS's function tries each login that fails once more, without TLS.
    ...(settings.implementation === "aws-provided" && { ssl: true }),
    masterarn: settings.strategy === "alternating-users" ? settings.superuserSecretArn : undefined,
  };
  const logsIn = stored !== undefined && (await anyVersionLogsIn(input, access, stored.credentials));
  const isSame = stored !== undefined && Object.entries(value).every(([key, part]) => stored.json[key] === part);
  if (stored && !isSame) await checkNoRotation(store);
  if (stored && !(logsIn && isSame)) await checkStillCurrent(store, stored.text);
  if (!logsIn) await setPassword(session, { username, password, encryption: settings.passwordEncryption });
  if (!isSame) await store.putCurrent(randomUUID(), JSON.stringify(value));
  return { password: logsIn ? "kept" : "set", secret: isSame ? "kept" : stored ? "updated" : "created" };
}

/**
 * AWSCURRENT, or the candidate of a rotation that is between setSecret and finishSecret: setting the password back then
 * would make that rotation promote one that does not log in.
 */
async function anyVersionLogsIn(
  input: BootstrapInput,
  { settings, store, remainingTimeMs }: BootstrapAccess,
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

/** A value put now would abandon the rotation and could be undone by it. */
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
 * finishSecret takes no lock: a rotation may have moved AWSCURRENT since it was read, and the password in hand is then
 * the old one. Asked last, this cannot become untrue again: another rotation needs the lock before it can finish.
 */
async function checkStillCurrent(store: SecretStore, text: string): Promise<void> {
  if ((await store.getByStage("AWSCURRENT")) === text) return;
  const accepted = "the version that was read first; run this again";
  throw new RotationUnderWayError(`AWSCURRENT of ${store.secretArn}`, "a version that has just become it", accepted);
}
