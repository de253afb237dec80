import { setTimeout as sleep } from "node:timers/promises";

/** A log that some part of the system writes. */
export interface LogPart {
  /** Such as "PostgreSQL's log". */
  readonly name: string;
  /** All that was written so far. */
  read(): Promise<string>;
  /** What must be found in it once all that a rotation wrote has arrived. */
  proofOf(versionId: string): string;
}

/** Texts that may stand in no log, and what each is: value → "password of version 3f2a91c0". */
export type Secrets = ReadonlyMap<string, string>;

export interface SearchResult {
  /** What was found where, such as "PostgreSQL's log holds the password of version 3f2a91c0"; never the text itself. */
  readonly findings: readonly string[];
  /** The logs in which not even the proof was found: that a search finds nothing in them means nothing. */
  readonly unproven: readonly string[];
}

const pollMs = 5;
const maxWaitMs = 2_000;

/**
 * Searches every log for every secret, after everything up to the end of the rotation has arrived there: pipes are
 * asynchronous. The proof is found by the very search that is to find no secret.
 */
export async function searchLogs(
  parts: readonly LogPart[],
  secrets: Secrets,
  versionId: string,
): Promise<SearchResult> {
  const results = await Promise.all(
    parts.map(async (part) => {
      const proof = new Map([[part.proofOf(versionId), "the proof"]]);
      let proofs = await findIn(part, proof);
      for (let waitedMs = 0; proofs.length === 0 && waitedMs < maxWaitMs; waitedMs += pollMs) {
        await sleep(pollMs);
        proofs = await findIn(part, proof);
      }
      return { unproven: proofs.length === 0 ? [part.name] : [], findings: await findIn(part, secrets) };
    }),
  );
  return {
    findings: results.flatMap(({ findings }) => findings),
    unproven: results.flatMap(({ unproven }) => unproven),
  };
}

async function findIn(part: LogPart, texts: Secrets): Promise<readonly string[]> {
  const log = await part.read();
  return [...texts].filter(([text]) => log.includes(text)).map(([, what]) => `${part.name} holds the ${what}`);
}
