import type { PoolLog, ReadSecret } from "./held-credential";

/** Those with a name of pg's mean what they mean there, unless it says otherwise. */
export interface CredentialPoolOptions {
  readonly readSecret: ReadSecret;
  /** PEM of the authorities that may have signed the server's certificate, which must be for the secret's host. */
  readonly certificateAuthorities: string;
  readonly log: PoolLog;
  /** @default 10 */
  readonly max?: number;
  /** How often a session is handed out before a new one replaces it. @default without end */
  readonly maxUses?: number | undefined;
  /** How long a session may do nothing before it is closed. With no session left, Aurora can pause. @default 10 000 */
  readonly idleTimeoutMillis?: number;
  /**
   * One limit for all that comes before a session is there: waiting for a free one, looking for a credential, logging in.
   *
   * @default 45 000: Aurora takes about 15 s to resume, 30 s after a long pause; load balancers give up after 60 s
   */
  readonly connectionTimeoutMillis?: number;
  /** How long a statement may take; the pool gives up on a server that is gone 1 s later. @default 10 000 */
  readonly statement_timeout?: number;
  readonly application_name?: string;
}
