import { runbook } from "../contract/runbook";
import type { Command } from "./command-line";
import { exitCodes, Failure } from "./failure";
import { formatAge, underWayMs } from "./findings";
import { formatLabels } from "./rotate";
import { candidateOf, type DatedVersion, holderOf, labelsOf, Secret } from "./secret";
import { findSecret, optionsOf } from "./target";
import { pollDelayMs, type Terminal } from "./terminal";

/** A candidate that is proven not to be the version that applications read. */
interface Stuck {
  readonly candidate: DatedVersion;
  readonly current: DatedVersion;
}

/** Removes AWSPENDING from the version that a failed rotation left behind, so that another rotation can start. */
export const repair: Command = async (commandLine, terminal) => {
  const secret = new Secret(await findSecret(commandLine));
  const options = optionsOf(commandLine);
  const stuck = await waitUntilStuck(secret, terminal);
  if (stuck) {
    explain(stuck, terminal, secret.secretId);
    await terminal.confirm(`Remove AWSPENDING from version ${stuck.candidate.versionId}?`);
    await secret.removePending(stuck.candidate.versionId);
  }
  const versions = await secret.listVersions();
  const labels = labelsOf(versions);
  const removedFrom = stuck?.candidate.versionId;
  const text =
    removedFrom === undefined
      ? "Nothing is stuck; nothing was changed."
      : `Removed. npm run ops -- rotate ${options} starts a new rotation.`;
  terminal.result(`${formatLabels(labels)}\n${text}`, { removedFrom: removedFrom ?? null, labels });
  return exitCodes.done;
};

/**
 * The candidate, once it is too old to belong to a rotation under way. Repairing one under way would leave a single
 * user's new password in no labelled version.
 *
 * @returns undefined if no candidate is left behind
 * @throws Failure (refused) if there is no AWSCURRENT to compare with; (interrupted)
 */
async function waitUntilStuck(secret: Secret, terminal: Terminal): Promise<Stuck | undefined> {
  for (let looks = 0; ; looks++) {
    const versions = await secret.listVersions();
    const candidate = candidateOf(versions);
    if (!candidate) return undefined;
    const current = holderOf(versions, "AWSCURRENT");
    if (!current) {
      const message =
        "No version is AWSCURRENT: the candidate may be the only credential there is. Nothing was changed.";
      const remedy = runbook("recover-a-credential-that-does-not-log-in");
      throw new Failure(exitCodes.refused, message, remedy);
    }
    const ageMs = Date.now() - candidate.createdDate.getTime();
    if (ageMs >= underWayMs) return { candidate, current };
    if (looks === 0) {
      terminal.progress(
        `The rotation to version ${candidate.versionId} began ${formatAge(ageMs)} ago and may be under way; waiting until it is ${formatAge(underWayMs)} old.`,
      );
    }
    await terminal.pause(pollDelayMs(looks), { message: "Nothing was changed.", remedy: "Run the command again." });
  }
}

function explain({ candidate, current }: Stuck, terminal: Terminal, secretId: string): void {
  const age = formatAge(Date.now() - candidate.createdDate.getTime());
  terminal.progress(`AWSCURRENT is version ${current.versionId}: what applications read. It stays as it is.
AWSPENDING is version ${candidate.versionId}: the candidate of a rotation that began ${age} ago and has not ended.
While it is there no other rotation starts. Removing the label discards this candidate.
If AWSCURRENT does not log in (single user only), the candidate may hold the password that does. Invoke the bootstrap
function afterwards, which makes AWSCURRENT log in: ${runbook("recover-a-credential-that-does-not-log-in")}
To undo: aws secretsmanager update-secret-version-stage --secret-id '${secretId}' --version-stage AWSPENDING --move-to-version-id ${candidate.versionId}`);
}
