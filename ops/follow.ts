import { runbook } from "../contract/runbook";
import { exitCodes, Failure } from "./failure";
import { formatAge } from "./findings";
import { type Description, type Secret } from "./secret";
import { pollDelayMs, type Terminal } from "./terminal";

export interface Following {
  readonly secret: Secret;
  readonly terminal: Terminal;
  /** Infinity: forever. */
  readonly timeoutSeconds: number;
  /** How the secret was named on the command line. */
  readonly options: string;
}

/** A rotation that was just requested may not show immediately: the store is eventually consistent. */
const unseenMs = 10_000;
const progressEveryMs = 10_000;

/**
 * Follows a rotation until its version is AWSCURRENT. Secrets Manager has no call that reports a failed rotation: it
 * tries again, and then leaves AWSPENDING where it is. So a failure shows as a timeout.
 *
 * @returns the description in which the version is AWSCURRENT
 * @throws Failure (failed) when the version lost its label or time ran out; (interrupted)
 */
export async function followRotation(versionId: string, following: Following): Promise<Description> {
  const { secret, terminal, timeoutSeconds, options } = following;
  const goesOn = {
    message: `The rotation to version ${versionId} continues in AWS.`,
    remedy: `npm run ops -- watch ${options} follows it.`,
  };
  const startedAt = Date.now();
  let seen = false;
  let toldMs = 0;
  for (let looks = 0; ; looks++) {
    const description = await secret.describe();
    const stages = description.versions.find((version) => version.versionId === versionId)?.stages ?? [];
    if (stages.includes("AWSCURRENT")) return description;
    const elapsedMs = Date.now() - startedAt;
    seen ||= stages.includes("AWSPENDING");
    if (!stages.includes("AWSPENDING") && (seen || elapsedMs > unseenMs)) throw lostLabel(versionId, options);
    if (elapsedMs > timeoutSeconds * 1000) throw notEnded(versionId, description, following);
    if (elapsedMs - toldMs >= progressEveryMs) {
      toldMs = elapsedMs;
      terminal.progress(`version ${versionId} is still AWSPENDING after ${formatAge(elapsedMs)}`);
    }
    await terminal.pause(pollDelayMs(looks), goesOn);
  }
}

/** A command that shows what the rotation function has logged recently. */
function logsCommand({ rotationFunctionArn }: Description): string {
  const [, , , region = "<region>", , , name = "<rotation function>"] = (rotationFunctionArn ?? "").split(":");
  const logGroup = `aws lambda get-function-configuration --region ${region} --function-name ${name} --query LoggingConfig.LogGroup --output text`;
  return `aws logs tail --region ${region} --since 15m "$(${logGroup})"`;
}

function lostLabel(versionId: string, options: string): Failure {
  const message = `Version ${versionId} lost AWSPENDING before it became AWSCURRENT: the rotation was cancelled, repaired or overtaken by a new value.`;
  return new Failure(exitCodes.failed, message, `npm run ops -- status ${options} shows what is there now.`);
}

function notEnded(versionId: string, description: Description, { timeoutSeconds, options }: Following): Failure {
  const message = `Version ${versionId} is still AWSPENDING after ${timeoutSeconds} s: the rotation failed, or Secrets Manager is trying again.`;
  const remedy = `Why: ${logsCommand(description)}\nThen: npm run ops -- watch ${options}, or ${runbook("rotation-failed")}`;
  return new Failure(exitCodes.failed, message, remedy);
}
