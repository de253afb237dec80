import { randomUUID } from "node:crypto";
import { runbook } from "../contract/runbook";
import type { Command } from "./command-line";
import { exitCodes, Failure } from "./failure";
import { followRotation } from "./follow";
import { candidateOf, type Description, labelsOf, Secret } from "./secret";
import { findSecret, optionsOf } from "./target";

const defaultTimeoutSeconds = 300;

/** Starts a rotation and follows it to its end. */
export const rotate: Command = async (commandLine, terminal) => {
  const options = optionsOf(commandLine);
  const secret = new Secret(await findSecret(commandLine));
  const description = await secret.describe();
  checkRotatable(description, options);
  const before = labelsOf(description.versions);
  terminal.progress(`before  ${formatLabels(before)}`);

  const versionId = randomUUID();
  await secret.rotate(versionId).catch((error: unknown) => {
    // Another caller's rotation, begun since the secret was looked at.
    if (error instanceof Failure && error.message.includes("previous rotation")) throw underWay(error.message, options);
    throw error;
  });
  terminal.progress(`started the rotation to version ${versionId}`);

  const startedAt = Date.now();
  const timeoutSeconds = commandLine.timeoutSeconds ?? defaultTimeoutSeconds;
  const { versions, arn } = await followRotation(versionId, { secret, terminal, timeoutSeconds, options });
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
  const after = labelsOf(versions);
  terminal.progress(`after   ${formatLabels(after)}`);
  terminal.result(`Rotated in ${seconds} s.`, { secretArn: arn, versionId, before, after, seconds });
  return exitCodes.done;
};

export function formatLabels(labels: Readonly<Record<string, string>>): string {
  const all = Object.entries(labels).map(([stage, versionId]) => `${stage} ${versionId}`);
  return all.length === 0 ? "no version" : all.join(", ");
}

function checkRotatable(description: Description, options: string): void {
  const { arn, deletedDate, rotationEnabled, versions } = description;
  if (deletedDate) {
    const message = `${arn} is scheduled for deletion: ${deletedDate.toISOString()}.`;
    throw new Failure(exitCodes.refused, message, `aws secretsmanager restore-secret --secret-id ${arn}`);
  }
  if (!rotationEnabled) {
    const remedy = `\`pulumi up\` sets it up; ${runbook("rotation-is-off")}`;
    throw new Failure(exitCodes.refused, `${arn} has no rotation, or it was switched off.`, remedy);
  }
  const candidate = candidateOf(versions);
  if (!candidate) return;
  throw underWay(`A rotation to version ${candidate.versionId} is under way, or failed and was not repaired.`, options);
}

function underWay(message: string, options: string): Failure {
  const remedy = `npm run ops -- watch ${options} follows it; npm run ops -- repair ${options} clears one that failed.`;
  return new Failure(exitCodes.refused, message, remedy);
}
