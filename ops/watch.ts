import type { Command } from "./command-line";
import { exitCodes, Failure } from "./failure";
import { type Following, followRotation } from "./follow";
import { formatLabels } from "./rotate";
import { candidateOf, type Description, holderOf, labelsOf, Secret } from "./secret";
import { findSecret, optionsOf } from "./target";
import { pollDelayMs } from "./terminal";

/** Follows the rotation under way, or the next one, to its end. Changes nothing. */
export const watch: Command = async (commandLine, terminal) => {
  const options = optionsOf(commandLine);
  const secret = new Secret(await findSecret(commandLine));
  const { timeoutSeconds = Infinity } = commandLine;
  const before = await secret.describe();
  terminal.progress(`before  ${formatLabels(labelsOf(before.versions))}`);
  const after = await followNext(before, { secret, terminal, timeoutSeconds, options });
  const labels = labelsOf(after.versions);
  terminal.progress(`after   ${formatLabels(labels)}`);
  terminal.result(`Version ${labels.AWSCURRENT ?? ""} is AWSCURRENT.`, {
    secretArn: after.arn,
    before: labelsOf(before.versions),
    after: labels,
  });
  return exitCodes.done;
};

/** A rotation sometimes takes less than the time between two looks: then only AWSCURRENT has moved. */
async function followNext(before: Description, following: Following): Promise<Description> {
  const { secret, terminal, timeoutSeconds } = following;
  const current = holderOf(before.versions, "AWSCURRENT")?.versionId;
  const startedAt = Date.now();
  let description = before;
  for (let looks = 0; ; looks++) {
    const candidate = candidateOf(description.versions);
    if (candidate) {
      terminal.progress(`a rotation to version ${candidate.versionId} is under way`);
      return followRotation(candidate.versionId, following);
    }
    if (holderOf(description.versions, "AWSCURRENT")?.versionId !== current) return description;
    if (Date.now() - startedAt > timeoutSeconds * 1000) {
      const message = `No rotation began within ${timeoutSeconds} s.`;
      throw new Failure(exitCodes.failed, message, `npm run ops -- rotate ${following.options} starts one.`);
    }
    if (looks === 0) terminal.progress("no rotation is under way; waiting for one (Ctrl-C stops waiting)");
    await terminal.pause(pollDelayMs(looks), {
      message: "No rotation was under way.",
      remedy: "Nothing needs to be done.",
    });
    description = await secret.describe();
  }
}
