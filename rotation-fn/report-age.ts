import type { SecretDescription, SecretStore } from "./secret-store";

/** The gauges of one secret; contract/metrics.ts says what each means. */
export interface AgeReport {
  readonly DaysSinceLastRotation: number;
  readonly RotationEnabled: 0 | 1;
  readonly PendingVersionStuck: 0 | 1;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Four steps at Lambda's own limit of 15 minutes each: no single run of a rotation takes longer. */
const longestRotationMs = 4 * 15 * 60 * 1000;

/**
 * Reads and publishes the gauges of each secret. One secret that cannot be read does not stop the others.
 *
 * @throws the first secret's error, once all have been read
 */
export async function reportAges(
  stores: readonly SecretStore[],
  now: Date,
  publish: (store: SecretStore, report: AgeReport) => void,
): Promise<void> {
  const errors: unknown[] = [];
  for (const store of stores) {
    try {
      publish(store, await reportAge(store, now));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** @throws SecretDeletedError and whatever else SecretStore throws: no gauge is better than a wrong one */
async function reportAge(store: SecretStore, now: Date): Promise<AgeReport> {
  const description = await store.describe();
  const { rotationEnabled, lastRotatedDate, createdDate } = description;
  const ageMs = now.getTime() - (lastRotatedDate ?? createdDate).getTime();
  return {
    DaysSinceLastRotation: Math.max(0, ageMs / dayMs),
    RotationEnabled: rotationEnabled === true ? 1 : 0,
    PendingVersionStuck: (await isPendingVersionStuck(store, description, now)) ? 1 : 0,
  };
}

/** Lists versions only if there is a candidate, so on most days reportAge needs one call. */
async function isPendingVersionStuck(
  store: SecretStore,
  { versionStages }: SecretDescription,
  now: Date,
): Promise<boolean> {
  const isCandidate = (stages: readonly string[]) => stages.includes("AWSPENDING") && !stages.includes("AWSCURRENT");
  if (!Object.values(versionStages).some(isCandidate)) return false;
  const pending = (await store.listVersions()).find(({ stages }) => isCandidate(stages));
  return pending !== undefined && now.getTime() - pending.createdDate.getTime() > longestRotationMs;
}
