import { createSecureContext, type SecureContext } from "node:tls";
import { Client, type ClientBase, type ClientConfig } from "pg";
import type { Credential } from "./held-credential";

/** Aurora takes about 15 s to resume from auto-pause, 30 s after a long pause; load balancers give up after 60 s. */
export const connectTimeoutMs = 45_000;
const statementTimeoutMs = 10_000;

/**
 * The class of which pg-pool makes its clients. pg's `password` may be a function and its `user` may not: so the
 * credential is taken where a client is made, and noted, so that it is known later which one a session has.
 */
export function createSessionClass(
  takeHeld: () => Credential | undefined,
  credentialOf: WeakMap<ClientBase, Credential>,
  certificateAuthorities: string,
): new () => Client {
  // Made once for all sessions: parsing Amazon's authorities holds the event loop up for longer than a login takes.
  let secureContext: SecureContext | undefined;
  return class extends Client {
    constructor() {
      const credential = takeHeld();
      if (!credential) throw new Error("no session is asked for before there is a credential");
      secureContext ??= createSecureContext({ ca: certificateAuthorities, minVersion: "TLSv1.2" });
      super(configOf(credential, secureContext));
      credentialOf.set(this, credential);
      // pg-pool listens to idle sessions only. One that the server ends in the same breath as it answers has not been
      // handed back yet: its error would have no listener, and would end the process.
      this.on("error", () => undefined);
    }
  };
}

/** TLS, verify-full: pg checks the certificate against `host`. */
function configOf({ login }: Credential, secureContext: SecureContext): ClientConfig {
  const { host, port, dbname, username, password } = login;
  return {
    ...{ host, port, database: dbname, user: username, password },
    ssl: { secureContext, rejectUnauthorized: true },
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000, // for a server that is gone without a word
    keepAlive: true,
    application_name: "todo-app",
  };
}
