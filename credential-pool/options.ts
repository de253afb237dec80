import type { PoolLog, ReadSecret } from "./held-credential";

/** Options with pg's names mean the same as in pg, unless noted otherwise. */
export interface CredentialPoolOptions {
  readonly readSecret: ReadSecret;
  /** PEM of the authorities that may sign the server's certificate, which must be for the secret's host. */
  readonly certificateAuthorities: string;
  readonly log: PoolLog;
  /** @default 10 */
  readonly max?: number;
  /** How many times a session is handed out before a new one replaces it. @default unlimited */
  readonly maxUses?: number | undefined;
  /** How long a session may be idle before it is closed. With no session left, Aurora can pause. @default 10 000 */
  readonly idleTimeoutMillis?: number;
  /**
   * One limit for everything before a session is ready: waiting for a free one, looking for a credential, logging in.
   *
   * @default 45 000: Aurora takes about 15 s to resume, 30 s after a long pause; load balancers give up after 60 s
   */
  readonly connectionTimeoutMillis?: number;
  /** How long a statement may take; 1 s later, the pool gives up on a server that does not answer. @default 10 000 */
  readonly statement_timeout?: number;
  readonly application_name?: string;
}
