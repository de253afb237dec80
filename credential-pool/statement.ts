import type { QueryConfig, TransactionStatus } from "pg";

/**
 * What repeating a statement does. "read": nothing. "idempotent write": nothing more than the first time, answer
 * included. "write": possibly more, so it is sent once.
 */
export type Effect = "read" | "idempotent write" | "write";

/** A query config of pg that says what repeating it does. */
export interface Statement<Values = unknown[]> extends QueryConfig<Values> {
  /** @default "write" */
  readonly effect?: Effect | undefined;
  /** How long to wait for a session. @default the pool's */
  readonly connectionTimeoutMillis?: number | undefined;
}

/** Space and comments before a statement's first word. */
const lead = String.raw`(?:\s|--[^\n]*\n|/\*[^]*?\*/)*`;
/**
 * Matches anywhere in a text of several statements. A string that contains it matches too: then less is known, which
 * does no harm.
 */
const commitPattern = new RegExp(`(?:^|;)${lead}(?:commit|end|prepare\\s+transaction)\\b`, "i");
const beginPattern = new RegExp(`^${lead}(?:begin|start\\s+transaction)\\b[^;]*;?\\s*$`, "i");

/**
 * Whether a statement that lost its session has certainly changed nothing, and neither has its transaction.
 *
 * @param before the session's status when the statement began
 */
export function isSurelyUndone(text: string, before: TransactionStatus | null): boolean {
  if (before === "E") return true;
  return before === "T" ? !commitPattern.test(text) : beginPattern.test(text);
}
