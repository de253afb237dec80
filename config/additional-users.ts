import { maxNameBytes } from "../contract/database-credentials";
import {
  type Access,
  accesses,
  accessRole,
  type DatabaseSecretEntry,
  databaseStrategyNames,
  type DatabaseStrategyName,
  formatDatabaseSecrets,
} from "../contract/database-secrets";
import { acceptedUsername } from "./database-names";
import type { ConfigReader, Fields } from "./reader";
import { readSchedule, type Schedule } from "./rotation-schedule";

/** One user of the database: who it is, and how its password rotates. */
export interface UserSettings extends Omit<DatabaseSecretEntry, "secretArn">, Schedule {
  readonly secretName: string;
}

/** What the checks compare with, and the defaults of an entry. */
export interface UserContext {
  /** The service's own. */
  readonly own: UserSettings;
  readonly ownerRole: string;
  readonly rotationImplementation: string;
  readonly rotationWindowHours: number;
  /** Prefix of the secrets' names, with the slash at its end. */
  readonly secretNamePrefix: string;
  readonly region: string;
}

const key = "additionalUsers";
const entryKeys = ["name", "access", "strategy", "rotationDays", "rotationScheduleExpression"];
/**
 * Lambda's limit for all of a function's variables, measured as JSON:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const environmentBytes = 4096;
/** Reserved for the other variables: enough for the longest owner role and superuser secret's ARN. */
const otherVariablesBytes = 512;

/** Reads and checks the users in addition to the service's own. */
export function readAdditionalUsers(reader: ConfigReader, context: UserContext): UserSettings[] {
  const text = reader.text(key);
  const entries = parseArray(text);
  if (entries === undefined) {
    reader.refuse(key, `a list of { ${entryKeys.join(", ")} }; docs/several-users.md has an example`);
    return [];
  }
  if (entries.length > 0 && context.rotationImplementation !== "custom") {
    reader.refuse(
      key,
      "[] with rotationImplementation aws-provided: AWS's function supports neither access nor the owner role",
    );
  }
  const users = entries.flatMap((entry, i) => readEntry(reader, `${key}[${i}]`, entry, context) ?? []);
  users.forEach(({ username }, i) => {
    if (users.findIndex((other) => other.username === username) < i) {
      reader.refuseAt(key, `two entries named "${username}"`, "one entry for each user");
    }
  });
  refuseTooMany(reader, users, context);
  return users;
}

function parseArray(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readEntry(reader: ConfigReader, path: string, entry: unknown, context: UserContext): UserSettings | undefined {
  const isObject = typeof entry === "object" && entry !== null && !Array.isArray(entry);
  if (!isObject) {
    reader.refuseAt(path, JSON.stringify(entry), `an object with ${entryKeys.join(", ")}`);
    return undefined;
  }
  const fields = entry as Fields;
  const refuse: Refuse = (field, accepted) => {
    reader.refuseField(path, fields, field, accepted);
  };
  reader.refuseUnknownFields(path, fields, entryKeys);
  const access = oneOf<Access>(fields.access, accesses);
  if (access === undefined) refuse("access", accesses.join(", "));
  else refuseLongAccessRole(access, context, refuse);
  const strategy = oneOf<DatabaseStrategyName>(fields.strategy ?? context.own.strategy, databaseStrategyNames);
  if (strategy === undefined) refuse("strategy", databaseStrategyNames.join(", "));
  const username = readName(fields.name, context, refuse);
  const schedule = readOwnSchedule(fields, context, refuse);
  if (username === undefined || access === undefined || strategy === undefined) return undefined;
  return { username, access, strategy, ...schedule, secretName: context.secretNamePrefix + username };
}

function oneOf<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value);
}

type Refuse = (field: string, accepted: string) => void;

function readName(
  name: unknown,
  { own, ownerRole, secretNamePrefix }: UserContext,
  refuse: Refuse,
): string | undefined {
  const accepted = acceptedUsername(name);
  if (typeof name !== "string" || accepted !== undefined) {
    refuse("name", accepted ?? "text");
    return undefined;
  }
  const roles = [own.username, ...accesses.map((access) => accessRole(ownerRole, access))];
  if (roles.includes(name)) {
    refuse("name", `a name other than the stack's own roles, ${roles.join(", ")}`);
  } else if (secretNamePrefix + name === own.secretName) {
    refuse("name", `a name other than "${name}": the secret of the service's own user has it`);
  }
  return name;
}

/** The role that gives an access is named after the service's user. */
function refuseLongAccessRole(access: Access, { ownerRole }: UserContext, refuse: Refuse): void {
  const role = accessRole(ownerRole, access);
  const excess = Buffer.byteLength(role) - maxNameBytes;
  if (excess > 0)
    refuse("access", `a username that is ${excess} characters shorter: the role name ${role} is too long`);
}

/** The entry's own schedule, or the stack's if it has none. */
function readOwnSchedule(fields: Fields, { own, rotationWindowHours }: UserContext, refuse: Refuse): Schedule {
  const { rotationDays, rotationScheduleExpression } = fields;
  const { rotationRules, rotationOverdueAfterDays } = own;
  if (rotationDays === undefined && rotationScheduleExpression === undefined) {
    return { rotationRules, rotationOverdueAfterDays };
  }
  if (rotationDays !== undefined && rotationScheduleExpression !== undefined) {
    refuse("rotationDays", "either rotationDays or rotationScheduleExpression");
  } else if (rotationDays !== undefined) {
    const isAccepted = Number.isInteger(rotationDays) && Number(rotationDays) >= 1 && Number(rotationDays) <= 999;
    if (!isAccepted) refuse("rotationDays", "a whole number from 1 to 999");
  } else if (typeof rotationScheduleExpression !== "string" || rotationScheduleExpression === "") {
    refuse("rotationScheduleExpression", "rate(…) or cron(…)");
  }
  return readSchedule(
    {
      rotationDays: rotationScheduleExpression === undefined ? Number(rotationDays) : 0,
      rotationScheduleExpression: typeof rotationScheduleExpression === "string" ? rotationScheduleExpression : "",
      rotationWindowHours,
    },
    (field, accepted) => {
      if (field === "rotationWindowHours")
        refuse("rotationScheduleExpression", `a schedule that fits rotationWindowHours: ${accepted}`);
      else refuse(field, accepted);
    },
  );
}

/** The functions get the users from their environment, which Lambda limits. */
function refuseTooMany(reader: ConfigReader, users: readonly UserSettings[], { own, region }: UserContext): void {
  const arnOf = (secretName: string) => `arn:aws:secretsmanager:${region}:123456789012:secret:${secretName}-AbCdEf`;
  const entries = [own, ...users].map((user) => ({ ...user, secretArn: arnOf(user.secretName) }));
  const bytes = Buffer.byteLength(formatDatabaseSecrets(entries));
  const most = environmentBytes - otherVariablesBytes;
  if (bytes <= most) return;
  reader.refuseAt(
    key,
    `${users.length} users, which take ${bytes} bytes of the functions' environment`,
    `a list that takes ${most} bytes at most: fewer users, or shorter names`,
  );
}
