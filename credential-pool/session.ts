import { createSecureContext, type SecureContext } from "node:tls";
import { Client, type ClientConfig, type QueryResult, type Submittable } from "pg";
import {
  codeOf,
  DatabaseUnavailableError,
  isNotSent,
  isReadOnly,
  isSessionEnd,
  noAnswer,
  OutcomeUnknownError,
} from "./errors";
import type { Credential } from "./held-credential";
import { type Effect, isSurelyUndone } from "./statement";

export interface SessionSettings {
  /** PEM. */
  readonly certificateAuthorities: string;
  readonly applicationName: string | undefined;
  readonly connectionTimeoutMillis: number;
  readonly statementTimeoutMillis: number;
}

/** The first argument of pg's query(): a text, a config, or an object that runs itself (a cursor, a stream). */
type Input = string | { readonly text?: unknown; readonly effect?: Effect; readonly callback?: unknown } | Runner;
type Runner = Submittable & { readonly text?: unknown; handleError(error: unknown, connection: unknown): void };
type Callback = (error: unknown, result?: QueryResult) => void;
type AnyQuery = (input: Input, values?: unknown, callback?: unknown) => Promise<QueryResult>;

/**
 * The class that pg-pool creates its clients from. pg's `password` may be a function but its `user` may not, so a
 * client takes the credential when it is created.
 *
 * @param takeHeld not called before there is a credential
 */
export function createSessionClass(takeHeld: () => Credential, settings: SessionSettings): new () => Session {
  // Made once for all sessions: parsing Amazon's authorities blocks the event loop for longer than a login takes.
  let secureContext: SecureContext | undefined;
  return class extends Session {
    constructor() {
      secureContext ??= createSecureContext({ ca: settings.certificateAuthorities, minVersion: "TLSv1.2" });
      super(takeHeld(), settings, secureContext);
    }
  };
}

/** A pg client that says, when a statement loses its session, whether the statement may be repeated. */
export class Session extends Client {
  /** pg's own field, missing from its types. */
  declare private readonly connectionParameters: { query_timeout: number };
  declare private readonly readyForQuery: boolean;
  declare private readonly _activeQuery: unknown;

  readonly #credential: Credential;
  #lost: DatabaseUnavailableError | OutcomeUnknownError | undefined;
  #isReadOnly = false;

  constructor(credential: Credential, settings: SessionSettings, secureContext: SecureContext) {
    super(configOf(credential, settings, secureContext));
    this.#credential = credential;
    // pg-pool listens only to idle sessions. A session that the server ends right as it answers has not been released
    // yet: its error would have no listener and would end the process.
    this.on("error", () => undefined);
  }

  /** What it logged in with. Not a field: printing a client would print the credential. */
  get credential(): Credential {
    return this.#credential;
  }

  /** It must not be used again: it ended, or its server has become read-only. */
  get isSpent(): boolean {
    return this.#lost !== undefined || this.#isReadOnly;
  }

  /** What its user left unfinished; the next user must not get into it. */
  get leftOpen(): "statement" | "transaction" | undefined {
    if (this._activeQuery) return "statement";
    return this.getTransactionStatus() === "I" ? undefined : "transaction";
  }

  /** The server has answered with an error, but has not yet said what that did to the transaction. */
  get isSettling(): boolean {
    return !this.readyForQuery && !this._activeQuery && !this.#lost;
  }

  /** pg's query() in all its forms; `never` stands for what each of them returns. */
  override query(input: Input, values?: unknown, callback?: unknown): never {
    if (isRunner(input)) return this.#run(input, values, callback) as never;
    const done = callback ?? (isCallback(values) ? values : (input as { callback?: unknown } | null)?.callback);
    if (!isCallback(done)) {
      const running = this.#query(input, values).catch((error: unknown) => {
        throw this.#explain(error, input);
      });
      return running as never;
    }
    const explained: Callback = (error, result) => {
      done(error && this.#explain(error, input), result);
    };
    return this.#query(input, isCallback(values) ? undefined : values, explained) as never;
  }

  #query(input: Input, values?: unknown, callback?: unknown): Promise<QueryResult> {
    return (super.query as AnyQuery).call(this, input, values, callback);
  }

  /** A cursor or a stream takes as long as its reader does: pg's own time limit would cut it off. */
  #run(input: Runner, values: unknown, callback: unknown): unknown {
    const handleError = input.handleError.bind(input);
    input.handleError = (error, connection) => {
      handleError(this.#explain(error, input), connection);
    };
    const limit = this.connectionParameters.query_timeout;
    this.connectionParameters.query_timeout = 0;
    try {
      return this.#query(input, values, callback);
    } finally {
      this.connectionParameters.query_timeout = limit;
    }
  }

  /** The server's own answer stays as it is. After a session has ended, every later statement gets the same error. */
  #explain(error: unknown, input: Input): unknown {
    if (isReadOnly(error)) this.#isReadOnly = true;
    if (!isSessionEnd(error)) return error;
    const received = codeOf(error);
    if (received === noAnswer) void this.end(); // else a later COMMIT would find the transaction open
    const { text, effect } =
      typeof input === "string" ? { text: input } : (input as { text?: unknown; effect?: Effect });
    const isHarmless =
      effect === "read" || isNotSent(error) || isSurelyUndone(String(text), this.getTransactionStatus());
    return (this.#lost ??= isHarmless ? new DatabaseUnavailableError(received) : new OutcomeUnknownError(received));
  }
}

function isRunner(input: Input | null): input is Runner {
  return typeof (input as Partial<Submittable> | null)?.submit === "function";
}

function isCallback(value: unknown): value is Callback {
  return typeof value === "function";
}

/** TLS, verify-full: pg checks the certificate against `host`. */
function configOf({ login }: Credential, settings: SessionSettings, secureContext: SecureContext): ClientConfig {
  const { host, port, dbname, username, password } = login;
  const { applicationName, connectionTimeoutMillis, statementTimeoutMillis } = settings;
  return {
    ...{ host, port, database: dbname, user: username, password },
    ssl: { secureContext, rejectUnauthorized: true },
    connectionTimeoutMillis,
    statement_timeout: statementTimeoutMillis,
    query_timeout: statementTimeoutMillis + 1_000, // for a server that disappears silently
    keepAlive: true,
    application_name: applicationName,
  };
}
