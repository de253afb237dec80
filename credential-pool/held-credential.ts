import { type DatabaseCredentials, parseDatabaseCredentials } from "../contract/database-credentials";
import { backOff } from "./deadline";

export type SecretStage = "AWSCURRENT" | "AWSPENDING";

/** One version of the secret, as its reader got it. */
export interface SecretVersion {
  readonly text: string;
  readonly versionId: string | undefined;
  /** When Secrets Manager created the version. */
  readonly createdAt: Date | undefined;
}

/**
 * Reads the version with the label. Resolves to undefined if there is none or it may not be read, and rejects if it
 * cannot find out, for example when Secrets Manager is down. It must have its own time limit: nothing here cuts it off.
 */
export type ReadSecret = (stage: SecretStage) => Promise<SecretVersion | undefined>;

/** Like pino's. Log lines name users, versions and error codes, never a credential. */
export interface PoolLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A version in use. Each one gets a higher generation than all before it. */
export interface Credential extends SecretVersion {
  readonly generation: number;
  readonly login: DatabaseCredentials;
}

export interface CredentialHealth {
  /** "untried" until a login succeeds; "changing" while the server refuses it and the pool looks for another. */
  readonly status: "untried" | "accepted" | "changing";
  readonly user: string | undefined;
  readonly versionId: string | undefined;
  readonly changedAt: Date | undefined;
}

/**
 * At most one session of an outdated credential is replaced in this time. If all were replaced at once, requests would
 * wait for as many logins.
 */
const replacementIntervalMs = 100;

/**
 * The one credential that every new session logs in with. It is read when first needed, and again only when the server
 * refuses it. A credential that works is never checked, so Secrets Manager may be slow or down.
 */
export class HeldCredential {
  #held: Credential | undefined;
  #accepted: Credential | undefined;
  #looking: Promise<void> | undefined;
  /** Lookups since a login last succeeded. */
  #looks = 0;
  #lastReplacementMs = -Infinity;

  constructor(
    private readonly readSecret: ReadSecret,
    private readonly log: PoolLog,
  ) {}

  get held(): Credential | undefined {
    return this.#held;
  }

  /** Whether the server refuses the held credential and a lookup for another is under way. */
  get isLooking(): boolean {
    return this.#looking !== undefined;
  }

  get health(): CredentialHealth {
    const shown = this.#accepted ?? this.#held;
    const isChanging = this.isLooking || this.#held !== this.#accepted;
    return {
      status: this.#accepted === undefined ? "untried" : isChanging ? "changing" : "accepted",
      user: shown?.login.username,
      versionId: shown?.versionId,
      changedAt: shown?.createdAt,
    };
  }

  /** A session has logged in with it. Only now are the credentials held before it out of date. */
  accept(credential: Credential): void {
    this.#looks = 0;
    if (credential.generation <= (this.#accepted?.generation ?? 0)) return;
    this.#accepted = credential;
    const { login, versionId } = credential;
    this.log.info({ user: login.username, versionId }, "the database accepted the credential");
  }

  /** Whether the caller is to replace its session of this credential now: a newer one has proved to work. */
  claimReplacement(credential: Credential): boolean {
    if (credential.generation >= (this.#accepted?.generation ?? 0)) return false;
    const nowMs = performance.now();
    if (nowMs - this.#lastReplacementMs < replacementIntervalMs) return false;
    this.#lastReplacementMs = nowMs;
    return true;
  }

  /**
   * Looks once for a credential other than the refused one (undefined: for any). All callers share one lookup at a
   * time. The first is immediate; each that finds nothing makes the next wait longer. Never rejects: `held` shows
   * whether another credential was found.
   */
  async lookForOther(refused: Credential | undefined): Promise<void> {
    if (this.#held !== refused) return;
    this.#looking ??= this.#look(refused).finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #look(refused: Credential | undefined): Promise<void> {
    if (this.#looks > 0) await backOff(this.#looks - 1);
    this.#looks += 1;
    const current = await this.#read("AWSCURRENT");
    if (!current) return;
    if (current.text !== refused?.text) {
      this.#hold(current);
      return;
    }
    // A rotation may have changed the password in place and not yet moved AWSCURRENT: then AWSPENDING logs in.
    const pending = await this.#read("AWSPENDING");
    if (pending && pending.text !== refused.text && differsInPasswordOnly(pending.login, refused.login)) {
      this.#hold(pending);
    }
  }

  async #read(stage: SecretStage): Promise<Omit<Credential, "generation"> | undefined> {
    try {
      const version = await this.readSecret(stage);
      return version && { ...version, login: parseDatabaseCredentials(version.text, stage).credentials };
    } catch (error) {
      // The contract's messages name keys, never values. The SDK's may quote the request: only its error's name is logged.
      const { name = "unknown", message = "" } = error instanceof Error ? error : {};
      const details = "field" in (error as object) ? { reason: message } : {};
      this.log.warn({ stage, errorType: name, ...details }, "the credential could not be read");
      return undefined;
    }
  }

  #hold(version: Omit<Credential, "generation">): void {
    this.#held = { ...version, generation: (this.#held?.generation ?? 0) + 1 };
  }
}

/** A pending value is not yet trusted: it must not send the service to another server or change its user. */
function differsInPasswordOnly(pending: DatabaseCredentials, current: DatabaseCredentials): boolean {
  const keys = ["host", "port", "dbname", "username"] as const;
  return keys.every((key) => pending[key] === current[key]);
}
