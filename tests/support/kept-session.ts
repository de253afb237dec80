import { Client, type ClientConfig } from "pg";

/**
 * One session for any number of queries, because a login costs more than most queries. They run one after the other: a
 * statement that waits for a lock holds up the next one.
 */
export class KeptSession {
  #client: Promise<Client> | undefined;

  constructor(private readonly config: ClientConfig) {}

  /** Logs in first if there is no session: at the first query, and after the server has ended it. */
  async query(sql: string, values: unknown[]): Promise<object[]> {
    this.#client ??= this.#logIn();
    return (await (await this.#client).query<object>(sql, values)).rows;
  }

  /** Does not wait for the server, which may be suspended. */
  end(): void {
    this.#client?.then((client) => client.end()).catch(() => undefined);
  }

  async #logIn(): Promise<Client> {
    const client = new Client(this.config);
    client.on("error", () => (this.#client = undefined)); // the server ended the session
    await client.connect();
    return client;
  }
}
