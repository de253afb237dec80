import { mistakesIn } from "./mutation";

const pool = ["tests/credential-pool/index.test.ts"];
const held = ["tests/credential-pool/held-credential.test.ts"];
const clients = ["tests/credential-pool/clients.test.ts"];
const asPgPool = ["tests/credential-pool/as-pg-pool.test.ts"];
const underLoad = ["tests/todo-app/rotation-under-load.test.ts"];

/** Mistakes in the connection pool. */
export const poolMutations = [
  ...mistakesIn("credential-pool/index.ts", pool, {
    "outdated-sessions-kept": {
      from: "release(isSpent || leftOpen !== undefined || this.#credential.claimReplacement(credential));",
      to: "release(isSpent || leftOpen !== undefined);",
      why: "Sessions with a leaked credential would stay open.",
      tests: [...held, ...clients],
    },
    "transaction-handed-on": {
      from: "release(isSpent || leftOpen !== undefined || this.#credential.claimReplacement(credential));",
      to: "release(isSpent || this.#credential.claimReplacement(credential));",
      why: "The next client's writes would become part of a transaction that another client left open.",
      tests: clients,
    },
    "spent-session-kept": {
      from: "release(isSpent || leftOpen !== undefined || this.#credential.claimReplacement(credential));",
      to: "release(leftOpen !== undefined || this.#credential.claimReplacement(credential));",
      why: "The next request would get a session whose server has become read-only.",
      tests: [...pool, ...clients],
    },
    "released-too-early": {
      from: "if (session.isSettling) {",
      to: "if (false) {",
      why: "The next client would get a transaction that fails while its client is released.",
      tests: clients,
    },
    "write-sent-twice": {
      from: 'error.received !== noAnswer && effect === "idempotent write");',
      to: "error.received !== noAnswer);",
      why: "A todo could be added twice.",
    },
    "tried-for-ever": {
      from: "if (mayRepeat && attempt < maxAttempts) continue;",
      to: "if (mayRepeat && attempt < 9) continue;",
      why: "A statement that ends its session would end many sessions.",
    },
    "lost-write-at-the-deadline": {
      from: "throw lost ?? error;",
      to: "throw error;",
      why: "An idempotent write that may have happened would be reported as not done.",
    },
    "released-twice": {
      from: "if (isReleased) throw",
      to: "if (false) throw",
      why: "A second release would take the session from its next client.",
      tests: clients,
    },
    "end-cuts-off": {
      from: "if (others) await others;",
      why: "A deployment would fail the requests under way.",
    },
    "idle-session-ends-the-process": {
      from: 'this.on("error", (error) => {',
      to: 'this.on("release", (error) => {',
      why: "A restart of the database would end the service.",
    },
    "rejection-costs-a-session": {
      from: "      } finally {\n        this.#giveBack(client, releaseOf(client));",
      to: "      } finally {\n        this.#giveBack(client, releaseOf(client), true);",
      why: "Each use of a session would cost a login.",
      tests: [...pool, ...asPgPool],
    },
  }),
  ...mistakesIn("credential-pool/session.ts", clients, {
    "unknown-told-as-not-done": {
      from: "isHarmless ? new DatabaseUnavailableError(received) : new OutcomeUnknownError(received)",
      to: "new DatabaseUnavailableError(received)",
      why: "A write that may have happened would be reported as not done.",
      tests: [...pool, ...clients],
    },
    "second-verdict": {
      from: "(this.#lost ??= isHarmless",
      to: "(this.#lost = isHarmless",
      why: "The rollback after a COMMIT with an unknown outcome would report that nothing was done.",
    },
    "silent-session-goes-on": {
      from: "if (received === noAnswer) void this.end();",
      why: "A transaction that was reported as undone could still be committed.",
    },
    "cursor-cut-off": {
      from: "this.connectionParameters.query_timeout = 0;",
      why: "A cursor with a slow reader would end before its last row.",
    },
  }),
  ...mistakesIn("credential-pool/statement.ts", clients, {
    "commit-told-as-not-done": {
      from: 'return before === "T" ? !commitPattern.test(text) : beginPattern.test(text);',
      to: 'return before === "T" || beginPattern.test(text);',
      why: "A client would repeat a transaction that may have been committed.",
    },
  }),
  ...mistakesIn("credential-pool/logins.ts", held, {
    "refusal-forgotten": {
      from: 'if (failure === "credential refused") refused = tried;',
      to: "if (false) continue;",
      why: "The pool would send the refused password again and again and never read the next one.",
      tests: [...held, ...underLoad],
    },
    "refusal-fails-the-request": {
      from: 'if (failure === "credential refused") refused = tried;',
      to: 'if (failure === "credential refused") throw error;',
      why: "Every rotation would fail requests.",
    },
    "waits-without-hope": {
      from: 'if (failure === "give up") throw new DatabaseUnavailableError(received);',
      why: "Every request would wait 45 s because of a wrong certificate.",
      tests: pool,
    },
    "session-leak": {
      from: "void this.underWay.track(taking.then(giveBack, ignore));",
      why: "Each request that stops waiting would cost a session for good.",
      tests: pool,
    },
    "all-wait-for-the-look": {
      from: "if (isRefused && this.pool.idleCount <= this.pool.waitingCount) {",
      to: "if (isRefused) {",
      why: "Requests would wait for Secrets Manager although an open session is free.",
    },
    "no-session-handed-back": {
      from: "await deadline.wait(Promise.race([this.credential.lookForOther(tried), this.#awaitRelease()]));",
      to: "await deadline.wait(this.credential.lookForOther(tried));",
      why: "Requests would wait for a silent Secrets Manager although sessions become free.",
    },
  }),
  ...mistakesIn("credential-pool/held-credential.ts", held, {
    "outdated-sessions-closed-at-once": {
      from: "if (nowMs - this.#lastReplacementMs < replacementIntervalMs) return false;",
      why: "After each rotation, every request would wait for a login.",
    },
  }),
  ...mistakesIn("credential-pool/under-way.ts", pool, {
    "endless-queue": {
      from: "if (this.#count >= limit) throw",
      to: "if (false) throw",
      why: "Waiting requests would fill the service's memory while the database is gone.",
    },
  }),
];
