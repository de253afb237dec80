import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { AsyncLocalStorage } from "node:async_hooks";
import { Client, type QueryConfig } from "pg";

/**
 * One call to something outside the process: to Secrets Manager, or to PostgreSQL (a login, a statement, the end of a
 * session).
 */
export interface ExternalCall {
  /** From 1 on, in call order. */
  readonly number: number;
  /** For example "PutSecretValue", "connect" or "select pg_is_in_recovery": never a value. */
  readonly name: string;
  /** Makes the call. */
  readonly run: () => Promise<unknown>;
  /** The process dies: its connections end, and it makes no further call. */
  readonly crash: () => never;
  /** The call is done, and the connection ends before the answer arrives. */
  readonly loseAnswer: () => never;
}

/** Simulates the end of the process: code that continues after it would no longer run. */
export class CrashedError extends Error {}

/** pg's methods that call the server, on Client's prototype. */
interface PgMethods {
  connect: (this: Client) => Promise<unknown>;
  query: (this: Client, ...args: readonly unknown[]) => Promise<unknown>;
  end: (this: Client) => Promise<unknown>;
}

const scope = new AsyncLocalStorage<ExternalCalls>();
const methods = Client.prototype as unknown as PgMethods;

/**
 * Sees every external call of the code that run() runs, and may stop each. It hooks into the wire's end of the AWS SDK
 * (each attempt is a call) and into pg's Client: statements that a driver sends by itself do not count as calls.
 */
export class ExternalCalls {
  readonly names: string[] = [];
  readonly #clients = new Set<Client>();
  #crashed = false;

  constructor(private readonly intervene: (call: ExternalCall) => Promise<unknown> = ({ run }) => run()) {}

  /** @throws CrashedError, and whatever the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const [outcome] = await Promise.allSettled([scope.run(this, work)]);
    this.#throwIfCrashed(); // whatever the work returned: a process that died has given no answer
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  }

  /** Watches the calls of an SDK client that are made within run(). */
  static watch(client: SecretsManagerClient): void {
    client.middlewareStack.add(
      (next, { commandName = "" }) =>
        async (args) => {
          const calls = scope.getStore();
          if (!calls) return next(args);
          const fault = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
          return (await calls.#pass(commandName.replace(/Command$/, ""), () => next(args), fault)) as Awaited<
            ReturnType<typeof next>
          >;
        },
      { step: "deserialize", priority: "low", name: "externalCalls" }, // inside of the retries, next to the wire
    );
  }

  async #pass(name: string, run: () => Promise<unknown>, lostAnswer: Error, client?: Client): Promise<unknown> {
    this.#throwIfCrashed();
    const number = this.names.push(name);
    const answer = await this.intervene({
      number,
      name,
      run,
      crash: () => {
        this.#crashed = true;
        this.#clients.forEach(endConnection);
        throw new CrashedError();
      },
      loseAnswer: () => {
        if (client) endConnection(client);
        throw lostAnswer;
      },
    });
    this.#throwIfCrashed(); // at another call, when there are two at the same time
    return answer;
  }

  #throwIfCrashed(): void {
    if (this.#crashed) throw new CrashedError();
  }

  /** Watches pg's calls during the tests of a describe. */
  static watchPg(): void {
    const { connect, query, end } = methods;
    const lostAnswer = () => new Error("Connection terminated unexpectedly");
    before(() => {
      methods.connect = function () {
        const calls = scope.getStore();
        if (!calls) return connect.call(this);
        this.on("error", () => undefined); // ended by a crash before the code listens: not an error of this process
        calls.#clients.add(this);
        return calls.#pass("connect", () => connect.call(this), lostAnswer(), this);
      };
      methods.query = function (...args) {
        const run = () => query.apply(this, [...args]);
        const calls = scope.getStore();
        return calls ? calls.#pass(nameOf(args[0]), run, lostAnswer(), this) : run();
      };
      methods.end = function () {
        const calls = scope.getStore();
        return calls ? calls.#pass("end", () => end.call(this), lostAnswer(), this) : end.call(this);
      };
    });
    after(() => {
      Object.assign(methods, { connect, query, end });
    });
  }
}

/** The first words of a statement, without names and values. */
function nameOf(query: unknown): string {
  const sql = typeof query === "string" ? query : (query as QueryConfig).text;
  return sql
    .replace(/'[^']*'|"[^"]*"/g, "…")
    .replace(/\s+/g, " ")
    .slice(0, 48);
}

function endConnection(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
