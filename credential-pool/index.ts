import { once } from "node:events";
import { type ClientBase, Pool, type PoolClient, type QueryResultRow } from "pg";
import { backOff, Deadline, DeadlinePassedError } from "./deadline";
import {
  classifyConnectFailure,
  classifyStatementFailure,
  codeOf,
  DatabaseUnavailableError,
  OutcomeUnknownError,
} from "./errors";
import {
  type Credential,
  type CredentialHealth,
  type DatabaseLog,
  HeldCredential,
  type ReadSecret,
} from "./held-credential";
import { connectTimeoutMs, createSessionClass } from "./session";

export { codeOf, DatabaseUnavailableError, OutcomeUnknownError } from "./errors";
export type { CredentialHealth, DatabaseLog, ReadSecret, SecretStage, SecretVersion } from "./held-credential";

export interface DatabaseOptions {
  readonly readSecret: ReadSecret;
  /** PEM of the authorities that may have signed the server's certificate, which must be for the secret's host. */
  readonly certificateAuthorities: string;
  readonly log: DatabaseLog;
  /** @default 10 */
  readonly maxConnections?: number;
  /** After how many statements a session is replaced by a new one. @default never */
  readonly maxUses?: number;
  /** How long a session may do nothing before it is closed. With no session left, Aurora can pause. @default 10 000 */
  readonly idleTimeoutMs?: number;
}

/**
 * What repeating a statement does. "read": nothing. "idempotent write": nothing more than the first time, answer
 * included. "write": possibly more, so it is sent once.
 */
export type Effect = "read" | "idempotent write" | "write";

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly effect: Effect;
}

/** A statement that ends every session that it meets is not to be tried for ever. */
const maxAttempts = 3;
/** Statements under way, waiting ones included. What comes on top is turned away at once rather than after 45 s. */
const maxStatements = 1_000;

/**
 * A pool of PostgreSQL sessions that rides over rotations of its credential. User, password and address come from the
 * credential that is held at the moment of each login; a refused login makes all who need one look for the next
 * credential together, and sessions of an outdated one are replaced as they are handed back.
 * docs/credential-aware-pool.md tells how to use it in another service.
 */
export class Database {
  readonly #credential: HeldCredential;
  readonly #credentialOf = new WeakMap<ClientBase, Credential>();
  readonly #pool: Pool;
  readonly #underWay = new Set<Promise<unknown>>();
  #nextRelease: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: DatabaseOptions) {
    const { readSecret, certificateAuthorities, log, maxConnections = 10, idleTimeoutMs = 10_000 } = options;
    this.#credential = new HeldCredential(readSecret, log);
    this.#pool = new Pool({
      max: maxConnections,
      idleTimeoutMillis: idleTimeoutMs,
      ...(options.maxUses !== undefined && { maxUses: options.maxUses }),
      // No connectionTimeoutMillis here: pg-pool counts the wait for a free session in it. Each login has its own
      // limit, and each statement one deadline for everything.
      Client: createSessionClass(() => this.#credential.held, this.#credentialOf, certificateAuthorities),
    });
    this.#pool.on("connect", (client) => {
      this.#credential.accept(this.#usedBy(client));
    });
    this.#pool.on("error", (error) => {
      log.warn({ code: codeOf(error) }, "an idle session ended");
    });
  }

  /** For people: nothing in it is secret. */
  get credentialHealth(): CredentialHealth {
    return this.#credential.health;
  }

  /**
   * Runs one statement in a session of its own. Logging in is tried until the timeout, since nothing has run yet; after
   * a lost session the statement is tried again where repeating it does no harm.
   *
   * @param timeoutMs how long to wait for a session; a statement under way has 10 s more
   * @throws DatabaseUnavailableError, OutcomeUnknownError, and pg's DatabaseError for a statement that the server rejects
   */
  async query<Row extends QueryResultRow>(statement: Statement, timeoutMs = connectTimeoutMs): Promise<Row[]> {
    if (this.#closed) throw new DatabaseUnavailableError("a statement after close()");
    if (this.#underWay.size >= maxStatements) throw new DatabaseUnavailableError(`${maxStatements} statements at once`);
    return this.#track(this.#run<Row>(statement, new Deadline(timeoutMs)));
  }

  /** Waits for what is under way, then closes every session. Again is no error. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  /** pg-pool strands those who wait for a session when it is ended earlier. */
  async #close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await this.#pool.end();
  }

  async #run<Row extends QueryResultRow>(statement: Statement, deadline: Deadline): Promise<Row[]> {
    let lostTo: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const client = await this.#logIn(deadline).catch((error: unknown) => {
        throw lostTo !== undefined && statement.effect !== "read" ? new OutcomeUnknownError(lostTo) : error;
      });
      try {
        const { rows } = await client.query<Row>(statement.text, [...statement.values]);
        client.release(this.#credential.isSuperseded(this.#usedBy(client)));
        return rows;
      } catch (error) {
        const failure = classifyStatementFailure(error);
        client.release(failure !== "rejected" && failure !== "timed out");
        if (failure === "rejected") throw error;
        if (failure === "timed out") throw new DatabaseUnavailableError(codeOf(error));
        if (failure !== "not run") lostTo = codeOf(error);
        const mayRepeat = failure === "not run" || (failure === "session lost" && statement.effect !== "write");
        if (mayRepeat && attempt < maxAttempts) continue;
        if (lostTo !== undefined && statement.effect !== "read") throw new OutcomeUnknownError(lostTo);
        throw new DatabaseUnavailableError(codeOf(error));
      }
    }
  }

  /** @throws DatabaseUnavailableError at the deadline, or at once when trying again is of no use */
  async #logIn(deadline: Deadline): Promise<PoolClient> {
    let refused: Credential | undefined;
    let received = "no credential";
    let failures = 0;
    try {
      for (;;) {
        const tried = this.#credential.held;
        const isRefused = tried === refused || this.#credential.isLooking;
        if (isRefused && this.#pool.idleCount <= this.#pool.waitingCount) {
          // Without another credential, only a session that somebody hands back is of use.
          await deadline.wait(Promise.race([this.#credential.lookForOther(tried), this.#awaitRelease()]));
          continue;
        }
        try {
          return await this.#take(deadline);
        } catch (error) {
          if (error instanceof DeadlinePassedError) throw error;
          received = codeOf(error);
          const failure = classifyConnectFailure(error);
          if (failure === "give up") throw new DatabaseUnavailableError(received);
          // The session may have used a newer credential than `tried`; then that one is tried once more. No harm.
          if (failure === "credential refused") refused = tried;
          else await deadline.wait(backOff(failures++));
        }
      }
    } catch (error) {
      if (error instanceof DeadlinePassedError) throw new DatabaseUnavailableError(`${received} until the deadline`);
      throw error;
    }
  }

  /** One listener for all who wait. */
  #awaitRelease(): Promise<unknown> {
    this.#nextRelease ??= once(this.#pool, "release")
      .catch(ignore)
      .finally(() => {
        this.#nextRelease = undefined;
      });
    return this.#nextRelease;
  }

  /** A free session or a new one. One that comes after the deadline goes straight back. */
  async #take(deadline: Deadline): Promise<PoolClient> {
    const taking = this.#pool.connect();
    try {
      return await deadline.wait(taking);
    } catch (error) {
      if (error instanceof DeadlinePassedError) {
        const giveBack = (client: PoolClient) => {
          client.release();
        };
        void this.#track(taking.then(giveBack, ignore));
      }
      throw error;
    }
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #usedBy(client: ClientBase): Credential {
    const credential = this.#credentialOf.get(client);
    if (!credential) throw new Error("a session that this pool did not make");
    return credential;
  }
}

function ignore(): void {
  // Whoever uses the session learns of it from the statement; whoever gave up waiting does not care.
}
