import { once } from "node:events";
import type { Pool, PoolClient } from "pg";
import { backOff, type Deadline, DeadlinePassedError } from "./deadline";
import { classifyConnectFailure, codeOf, DatabaseUnavailableError } from "./errors";
import type { Credential, HeldCredential } from "./held-credential";
import type { UnderWay } from "./under-way";

/** How a pool gets a session: a free one, or a new one that logs in with whatever credential works. */
export class Logins {
  #nextRelease: Promise<unknown> | undefined;

  constructor(
    private readonly credential: HeldCredential,
    private readonly pool: Pool,
    /** pg-pool's own connect(). */
    private readonly connect: () => Promise<PoolClient>,
    private readonly underWay: UnderWay,
  ) {}

  /** @throws DatabaseUnavailableError at the deadline, or immediately if retrying is of no use */
  async logIn(deadline: Deadline): Promise<PoolClient> {
    let refused: Credential | undefined;
    let received = "no credential";
    let failures = 0;
    try {
      for (;;) {
        const tried = this.credential.held;
        const isRefused = tried === refused || this.credential.isLooking;
        if (isRefused && this.pool.idleCount <= this.pool.waitingCount) {
          // Until there is another credential, only a released session helps.
          await deadline.wait(Promise.race([this.credential.lookForOther(tried), this.#awaitRelease()]));
          continue;
        }
        try {
          return await this.#take(deadline);
        } catch (error) {
          if (error instanceof DeadlinePassedError) throw error;
          received = codeOf(error);
          const failure = classifyConnectFailure(error);
          if (failure === "give up") throw new DatabaseUnavailableError(received);
          // The session may have used a newer credential than `tried`; then that one is tried once more, harmlessly.
          if (failure === "credential refused") refused = tried;
          else await deadline.wait(backOff(failures++));
        }
      }
    } catch (error) {
      if (error instanceof DeadlinePassedError) throw new DatabaseUnavailableError(`${received} until the deadline`);
      throw error;
    }
  }

  /** One listener for all waiting calls. */
  #awaitRelease(): Promise<unknown> {
    this.#nextRelease ??= once(this.pool, "release")
      .catch(ignore)
      .finally(() => {
        this.#nextRelease = undefined;
      });
    return this.#nextRelease;
  }

  /** A free session or a new one. One that arrives after the deadline goes straight back. */
  async #take(deadline: Deadline): Promise<PoolClient> {
    const taking = this.connect();
    try {
      return await deadline.wait(taking);
    } catch (error) {
      if (error instanceof DeadlinePassedError) {
        const giveBack = (client: PoolClient) => {
          client.release();
        };
        void this.underWay.track(taking.then(giveBack, ignore));
      }
      throw error;
    }
  }
}

function ignore(): void {
  // The caller has stopped waiting.
}
