import { setTimeout as sleep } from "node:timers/promises";

export interface LogPart {
  /** For example "PostgreSQL's log". */
  readonly name: string;
  /** Everything written so far. */
  read(): Promise<string>;
  /** What the log must contain once everything from a rotation has arrived. */
  proofOf(versionId: string): string;
}

/** Texts that no log may hold, and what each is: value → "password of version 3f2a91c0". */
export type Secrets = ReadonlyMap<string, string>;

const pollMs = 5;
const maxWaitMs = 2_000;

/**
 * Searches every log for every secret, after everything up to the end of the rotation has arrived, because pipes are
 * asynchronous. The same search finds the proof and must find no secret.
 *
 * @returns what was found where, for example "PostgreSQL's log holds the password of version 3f2a91c0", never the text
 *   itself; and the logs without even the proof: finding no secret in them means nothing
 */
export async function searchLogs(parts: readonly LogPart[], secrets: Secrets, versionId: string): Promise<string[]> {
  const results = await Promise.all(
    parts.map(async (part) => {
      const proof = new Map([[part.proofOf(versionId), "the proof"]]);
      let proofs = await findIn(part, proof);
      for (let waitedMs = 0; proofs.length === 0 && waitedMs < maxWaitMs; waitedMs += pollMs) {
        await sleep(pollMs);
        proofs = await findIn(part, proof);
      }
      const unproven = proofs.length === 0 ? [`${part.name} cannot be searched`] : [];
      return [...(await findIn(part, secrets)), ...unproven];
    }),
  );
  return results.flat();
}

async function findIn(part: LogPart, texts: Secrets): Promise<readonly string[]> {
  const log = await part.read();
  return [...texts].filter(([text]) => log.includes(text)).map(([, what]) => `${part.name} holds the ${what}`);
}
