import { runbook } from "../contract/runbook";
import { candidateOf, type DatedVersion, type Description, holderOf } from "./secret";

/** Something about the secret that needs attention, and what to do. */
export interface Finding {
  readonly message: string;
  readonly remedy: string;
}

/**
 * A step waits at most 45 s for a database that resumes. A candidate older than this belongs to a rotation that failed
 * or that Secrets Manager is retrying; a younger one belongs to a rotation under way.
 */
export const underWayMs = 60_000;

/**
 * What needs attention in the state of a secret.
 *
 * @param options how this secret was named on the command line, for the commands that are recommended
 */
export function findingsOf(
  description: Description,
  versions: readonly DatedVersion[],
  { now, options }: { readonly now: Date; readonly options: string },
): Finding[] {
  const { deletedDate } = description;
  if (deletedDate) {
    const message = `The secret is scheduled for deletion: ${deletedDate.toISOString()}.`;
    return [{ message, remedy: `aws secretsmanager restore-secret --secret-id ${description.arn}` }];
  }
  return [
    ...currentFindings(versions),
    ...rotationFindings(description, now, options),
    ...candidateFindings(versions, now, options),
  ];
}

/** "12 s", "3 min", "5 h", "2.5 days". */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

function currentFindings(versions: readonly DatedVersion[]): Finding[] {
  if (holderOf(versions, "AWSCURRENT")) return [];
  const remedy = `Invoke the bootstrap function: ${runbook("recover-a-credential-that-does-not-log-in")}`;
  return [{ message: "No version is AWSCURRENT: applications have no credential to read.", remedy }];
}

function rotationFindings({ rotationEnabled, nextRotationDate }: Description, now: Date, options: string): Finding[] {
  if (!rotationEnabled) {
    return [
      { message: "Automatic rotation is off.", remedy: `\`pulumi up\` sets it up; ${runbook("rotation-is-off")}` },
    ];
  }
  if (nextRotationDate === undefined || nextRotationDate >= now) return [];
  const message = `The rotation that was due by ${nextRotationDate.toISOString()} has not happened.`;
  return [{ message, remedy: `npm run ops -- rotate ${options}; ${runbook("rotation-overdue")}` }];
}

function candidateFindings(versions: readonly DatedVersion[], now: Date, options: string): Finding[] {
  const candidate = candidateOf(versions);
  if (!candidate) return [];
  const ageMs = now.getTime() - candidate.createdDate.getTime();
  if (ageMs < underWayMs) return [];
  const message = `AWSPENDING has been on version ${candidate.versionId}, which is not AWSCURRENT, for ${formatAge(ageMs)}: a rotation failed, and none can start before it is repaired.`;
  return [{ message, remedy: `npm run ops -- repair ${options}; ${runbook("pending-version-stuck")}` }];
}
