/** Anchors of the sections of docs/runbook.md that alarms and commands point to. A test checks that each one exists. */
export const runbookSections = [
  // one for each alarm
  "rotation-failed",
  "rotation-function-errors",
  "rotation-function-throttles",
  "rotation-function-duration",
  "rotation-overdue",
  "age-gauge-failing",
  "pending-version-stuck",
  "service-5xx",
  "unhealthy-targets",
  "no-running-task",
  "database-capacity",
  "database-connections",
  "database-local-storage",
  "redeployment-failed",
  "event-not-delivered",
  // what to do when
  "rotation-is-off",
  "rotate-now",
  "after-a-leak",
  "restore-a-deleted-secret",
  "recover-a-credential-that-does-not-log-in",
  "put-an-api-key-manually",
  "move-to-the-other-strategy",
  "upgrade-the-database-to-a-new-major-version",
  "permissions",
] as const;

export type RunbookSection = (typeof runbookSections)[number];

/** Where a section is, from the root of the repository. */
export function runbook(section: RunbookSection): string {
  return `docs/runbook.md#${section}`;
}
