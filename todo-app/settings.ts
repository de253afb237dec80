import { readFileSync } from "node:fs";

/** The service's environment, checked. The README lists the variables. */
export interface Settings {
  /** What to listen on. @default 127.0.0.1; the image sets 0.0.0.0 */
  readonly host: string;
  /** 0 lets the system choose. @default 8080 */
  readonly port: number;
  /** Where the credential is: in Secrets Manager, or in the environment already. */
  readonly credential: { readonly secretArn: string } | { readonly injectedText: string };
  /** PEM. */
  readonly certificateAuthorities: string;
  /** Statements after which a session is replaced, so that sessions spread again after a failover. */
  readonly connectionMaxUses: number | undefined;
}

/** A variable that is missing or wrong. */
export class InvalidSettingError extends Error {
  constructor(
    readonly field: string,
    /** Never a credential. */
    readonly received: string,
    readonly accepted: string,
  ) {
    super(`${field}: received ${received}; accepted is ${accepted}`);
    this.name = new.target.name;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param env as process.env; an empty variable counts as missing
 * @throws InvalidSettingError
 */
export function readSettings(env: Environment): Settings {
  return {
    host: readOptional(env, "HOST") ?? "127.0.0.1",
    port: readWholeNumber(env, "PORT", { from: 0, to: 65_535 }) ?? 8080,
    credential: readCredential(env),
    certificateAuthorities: readCertificateAuthorities(readOptional(env, "PGSSLROOTCERT")),
    connectionMaxUses: readWholeNumber(env, "DATABASE_CONNECTION_MAX_USES", { from: 1, to: 1_000_000 }),
  };
}

function readCredential(env: Environment): Settings["credential"] {
  const secretArn = readOptional(env, "DATABASE_SECRET_ARN");
  const injectedText = readOptional(env, "DATABASE_SECRET");
  if (secretArn !== undefined && injectedText === undefined) return { secretArn };
  if (secretArn === undefined && injectedText !== undefined) return { injectedText };
  const accepted = "exactly one of the two: the secret's ARN, or its JSON as ECS injects it";
  throw new InvalidSettingError("DATABASE_SECRET_ARN, DATABASE_SECRET", secretArn ? "both" : "neither", accepted);
}

function readOptional(env: Environment, name: string): string | undefined {
  return env[name] === "" ? undefined : env[name];
}

function readWholeNumber(env: Environment, name: string, range: { from: number; to: number }): number | undefined {
  const value = readOptional(env, name);
  if (value === undefined) return undefined;
  const number = /^\d{1,7}$/.test(value) ? Number(value) : NaN;
  if (number >= range.from && number <= range.to) return number;
  throw new InvalidSettingError(name, `"${value}"`, `a whole number from ${range.from} to ${range.to}`);
}

function readCertificateAuthorities(file: string | undefined): string {
  const accepted = "a readable PEM file of the database's certificate authorities";
  if (file === undefined) throw new InvalidSettingError("PGSSLROOTCERT", "nothing", accepted);
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "an error" } = error as NodeJS.ErrnoException;
    throw new InvalidSettingError("PGSSLROOTCERT", `${file}, ${code}`, accepted);
  }
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new InvalidSettingError("PGSSLROOTCERT", `${file} without a certificate`, accepted);
}
