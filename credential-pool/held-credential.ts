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
 * Reads the version that bears the label. Answers undefined when there is none or it may not be read, and rejects when
 * that cannot be told, as when Secrets Manager is down. It must end by itself: nothing here cuts it off.
 */
export type ReadSecret = (stage: SecretStage) => Promise<SecretVersion | undefined>;

/** As pino has it. What is logged names users, versions and error codes; never a credential. */
export interface PoolLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A version that was put to use. Each has a generation of its own, higher than those of all before it. */
export interface Credential extends SecretVersion {
  readonly generation: number;
  readonly login: DatabaseCredentials;
}

export interface CredentialHealth {
  /** "untried" until a login succeeded; "changing" while the server refuses the credential and another is looked for. */
  readonly status: "untried" | "accepted" | "changing";
  readonly user: string | undefined;
  readonly versionId: string | undefined;
  readonly changedAt: Date | undefined;
}

/**
 * The one credential that every new session logs in with. It is read when first needed, and again only when the server
 * refuses it: a credential that works is never questioned, so Secrets Manager may be slow or down meanwhile.
 */
export class HeldCredential {
  #held: Credential | undefined;
  #accepted: Credential | undefined;
  #looking: Promise<void> | undefined;
  /** Since a login last succeeded. */
  #looks = 0;

  constructor(
    private readonly readSecret: ReadSecret,
    private readonly log: PoolLog,
  ) {}

  get held(): Credential | undefined {
    return this.#held;
  }

  /** The server refuses the held credential, and another is being looked for. */
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

  /** A session has logged in with it: what was held before is out of date, and not earlier. */
  accept(credential: Credential): void {
    this.#looks = 0;
    if (credential.generation <= (this.#accepted?.generation ?? 0)) return;
    this.#accepted = credential;
    const { login, versionId } = credential;
    this.log.info({ user: login.username, versionId }, "the database took the credential");
  }

  /** Whether sessions of this credential are to be replaced: a newer one has proved to work. */
  isSuperseded(credential: Credential): boolean {
    return credential.generation < (this.#accepted?.generation ?? 0);
  }

  /**
   * Looks once for a credential other than the refused one (undefined: for any). There is one look at a time, shared by
   * all who ask; the first is immediate, each fruitless one makes the next wait longer. Never rejects: whether another
   * credential was found shows in `held`.
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
    // A rotation that changes the password in place has done so and has not yet moved AWSCURRENT: AWSPENDING logs in.
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
      // The contract's messages name keys, never values. Those of the SDK may quote the request: its name is enough.
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

/** A pending value is not yet trusted: it may not send the service to another server or make it someone else. */
function differsInPasswordOnly(pending: DatabaseCredentials, current: DatabaseCredentials): boolean {
  const keys = ["host", "port", "dbname", "username"] as const;
  return keys.every((key) => pending[key] === current[key]);
}
