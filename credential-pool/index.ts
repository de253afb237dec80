import {
  Pool,
  type PoolClient,
  type QueryArrayConfig,
  type QueryArrayResult,
  type QueryConfigValues,
  type QueryResult,
  type QueryResultRow,
  type Submittable,
} from "pg";
import { Deadline } from "./deadline";
import { codeOf, DatabaseUnavailableError, isReadOnly, noAnswer, OutcomeUnknownError } from "./errors";
import { type Credential, type CredentialHealth, HeldCredential, type PoolLog } from "./held-credential";
import { Logins } from "./logins";
import type { CredentialPoolOptions } from "./options";
import { createSessionClass, type Session } from "./session";
import type { Statement } from "./statement";
import { UnderWay } from "./under-way";

export { codeOf, DatabaseUnavailableError, OutcomeUnknownError } from "./errors";
export type { CredentialHealth, PoolLog, ReadSecret, SecretStage, SecretVersion } from "./held-credential";
export type { CredentialPoolOptions } from "./options";
export type { Effect, Statement } from "./statement";

type ConnectCallback = Parameters<Pool["connect"]>[0];
type Release = (error?: Error | boolean) => void;

/** Keeps a statement that ends every session from being tried forever. */
const maxAttempts = 3;

/**
 * A `pg.Pool` that keeps working through rotations of its credential. User, password and address come from the
 * credential held at the moment of each login. A refused login starts a lookup for the next credential, shared by all
 * who need it; sessions of an outdated credential are replaced when they are released, one after the other. README.md
 * says how to use it.
 */
export class CredentialPool extends Pool {
  readonly #credential: HeldCredential;
  readonly #log: PoolLog;
  readonly #connectionTimeoutMillis: number;
  readonly #underWay = new UnderWay();
  readonly #logins: Logins;

  constructor(options: CredentialPoolOptions) {
    const { readSecret, log, max = 10, maxUses, idleTimeoutMillis, connectionTimeoutMillis = 45_000 } = options;
    const credential = new HeldCredential(readSecret, log);
    const takeHeld = (): Credential => {
      if (!credential.held) throw new Error("a session was created before the credential was read");
      return credential.held;
    };
    super({
      ...{ max, maxUses, idleTimeoutMillis },
      // No connectionTimeoutMillis here: pg-pool restarts it for each attempt. Instead, it limits each session's login,
      // and each call has one deadline for everything.
      Client: createSessionClass(takeHeld, {
        certificateAuthorities: options.certificateAuthorities,
        applicationName: options.application_name,
        connectionTimeoutMillis,
        statementTimeoutMillis: options.statement_timeout ?? 10_000,
      }),
    });
    this.#credential = credential;
    this.#logins = new Logins(credential, this, () => super.connect(), this.#underWay);
    this.#log = log;
    this.#connectionTimeoutMillis = connectionTimeoutMillis;
    this.on("connect", (client) => {
      credential.accept(sessionOf(client).credential);
    });
    this.on("error", (error) => {
      log.warn({ code: codeOf(error) }, "an idle session ended");
    });
  }

  /** For people to read; nothing in it is secret. */
  get credentialHealth(): CredentialHealth {
    return this.#credential.health;
  }

  /**
   * A client for several statements, for example a transaction. The caller must release it; a client that is released
   * inside a transaction or statement is closed.
   *
   * @throws DatabaseUnavailableError
   */
  override connect(): Promise<PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<PoolClient> | undefined {
    const connecting = this.#underWay.admit(() => this.#checkOut());
    if (!callback) return connecting;
    void connecting.then(
      (client) => {
        callback(undefined, client, releaseOf(client));
      },
      (error: unknown) => {
        callback(error as Error, undefined, ignore);
      },
    );
    return undefined;
  }

  /**
   * Runs one statement in its own session. Retries the login until the deadline, since nothing has run yet. After a
   * lost session, repeats the statement if its `effect` allows it.
   *
   * @throws DatabaseUnavailableError, OutcomeUnknownError, and pg's DatabaseError for a statement that the server
   *   rejects
   */
  override query<R extends unknown[] = unknown[], I = unknown[]>(
    config: QueryArrayConfig<I> & Statement<I>,
    values?: QueryConfigValues<I>,
  ): Promise<QueryArrayResult<R>>;
  override query<R extends QueryResultRow = QueryResultRow, I = unknown[]>(
    textOrConfig: string | Statement<I>,
    values?: QueryConfigValues<I>,
  ): Promise<QueryResult<R>>;
  override query<R extends unknown[] = unknown[], I = unknown[]>(
    config: QueryArrayConfig<I> & Statement<I>,
    callback: (error: Error, result: QueryArrayResult<R>) => void,
  ): void;
  override query<R extends QueryResultRow = QueryResultRow, I = unknown[]>(
    textOrConfig: string | Statement<I>,
    callback: (error: Error, result: QueryResult<R>) => void,
  ): void;
  override query<R extends QueryResultRow = QueryResultRow, I = unknown[]>(
    text: string,
    values: QueryConfigValues<I>,
    callback: (error: Error, result: QueryResult<R>) => void,
  ): void;
  /** @throws TypeError: cursors and streams run on a client of connect() */
  override query(cursorOrStream: Submittable): never;
  override query(input: string | Statement | Submittable, values?: unknown, callback?: unknown): unknown {
    if (isSubmittable(input)) {
      throw new TypeError("pool.query: received a cursor or a stream; accepted is a text or a config, with values");
    }
    const done = typeof values === "function" ? values : callback;
    const running = this.#underWay.admit(() => this.#run(input, values === done ? undefined : values));
    if (typeof done !== "function") return running;
    const answer = done as (error: unknown, result?: QueryResult) => void;
    void running.then((result) => {
      answer(undefined, result);
    }, answer);
    return undefined;
  }

  /**
   * Waits for all calls under way, including those that wait for a session, and for every client to be released. Then
   * closes all sessions.
   *
   * @throws Error when called a second time
   */
  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: (error?: Error) => void): Promise<void> | undefined {
    const ending = this.#end();
    if (!callback) return ending;
    void ending.then(() => {
      callback();
    }, callback);
    return undefined;
  }

  /** pg-pool strands callers that wait for a session if it is ended earlier. */
  async #end(): Promise<void> {
    const others = this.#underWay.end();
    if (others) await others;
    await super.end();
  }

  async #checkOut(): Promise<PoolClient> {
    const client = await this.#logins.logIn(new Deadline(this.#connectionTimeoutMillis));
    const release = releaseOf(client);
    let isReleased = false;
    client.release = (error) => {
      if (isReleased) throw new Error("Release called on client which has already been released to the pool.");
      isReleased = true;
      this.#giveBack(client, release, error);
    };
    return client;
  }

  async #run(input: string | Statement, values: unknown): Promise<QueryResult> {
    const { effect, connectionTimeoutMillis = this.#connectionTimeoutMillis } = Object(input) as Partial<Statement>;
    const deadline = new Deadline(connectionTimeoutMillis);
    let lost: OutcomeUnknownError | undefined;
    for (let attempt = 1; ; attempt++) {
      const client = await this.#logins.logIn(deadline).catch((error: unknown) => {
        throw lost ?? error;
      });
      try {
        return await client.query(input, values as unknown[]);
      } catch (error) {
        if (error instanceof OutcomeUnknownError) lost = error;
        const mayRepeat =
          isReadOnly(error) ||
          (error instanceof DatabaseUnavailableError && error.received !== noAnswer) ||
          (error instanceof OutcomeUnknownError && error.received !== noAnswer && effect === "idempotent write");
        if (mayRepeat && attempt < maxAttempts) continue;
        if (lost) throw lost;
        throw isReadOnly(error) ? new DatabaseUnavailableError(codeOf(error)) : error;
      } finally {
        this.#giveBack(client, releaseOf(client));
      }
    }
  }

  /** Never hands out again a session that is spent, out of date, or in the middle of something. */
  #giveBack(client: PoolClient, release: Release, error?: Error | boolean): void {
    if (error) {
      release(error);
      return;
    }
    const session = sessionOf(client);
    if (session.isSettling) {
      const settle = () => {
        session.off("drain", settle).off("end", settle);
        this.#giveBack(client, release);
      };
      session.on("drain", settle).on("end", settle);
      return;
    }
    const { isSpent, leftOpen, credential } = session;
    if (leftOpen && !isSpent) {
      this.#log.warn({ leftOpen }, "a client was released inside a statement or transaction; its session is closed");
    }
    release(isSpent || leftOpen !== undefined || this.#credential.claimReplacement(credential));
  }
}

function isSubmittable(input: unknown): input is Submittable {
  return typeof (input as Partial<Submittable> | null)?.submit === "function";
}

/** pg-pool makes a new release function each time it hands out a client. */
function releaseOf(client: PoolClient): Release {
  return (client as { readonly release: Release }).release;
}

function sessionOf(client: object): Session {
  return client as Session;
}

function ignore(): void {
  // There is nothing to release.
}
