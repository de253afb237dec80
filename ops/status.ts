import type { Command, CommandLine } from "./command-line";
import { type ExitCode, exitCodes } from "./failure";
import { candidateOf, type DatedVersion, Secret } from "./secret";
import { type Finding, findingsOf, formatAge } from "./findings";
import { readUserSecrets } from "./stack-outputs";
import { overviewOf, type State } from "./overview";
import { pageOf, writePage } from "./page";
import { findSecret, optionsOf, type SecretTarget, targetOf } from "./target";

/** Shows the state of one secret, or of all secrets of a stack. Two calls each, and neither reads a value. */
export const status: Command = async (commandLine, terminal) => {
  const { stack, user } = commandLine;
  if (stack === undefined || user !== undefined) {
    const state = await readState(await findSecret(commandLine), commandLine);
    const { description, versions, findings } = state;
    terminal.result(textOf(state), { ...description, versions, findings });
    return exitCodeOf(findings);
  }
  const users = await readUserSecrets(stack);
  const credentials = await Promise.all(
    users.map(async (one) => {
      const options = { ...commandLine, ...(!one.isOwn && { user: one.user }) };
      return { user: one.user, ...(await readState(targetOf(commandLine, one.secretArn), options)) };
    }),
  );
  credentials.sort((one, other) => lastChange(one) - lastChange(other));
  const [first, ...others] = credentials;
  const text = first && others.length === 0 ? textOf(first) : overviewOf(credentials);
  const results = credentials.map(({ description, versions, findings, ...one }) => ({
    ...{ user: one.user, ...description, versions, findings },
  }));
  if (commandLine.html !== undefined) writePage(commandLine.html, pageOf(stack, credentials));
  terminal.result(text, { credentials: results });
  return exitCodeOf(credentials.flatMap(({ findings }) => findings));
};

async function readState(target: SecretTarget, commandLine: CommandLine): Promise<State> {
  const secret = new Secret(target);
  const description = await secret.describe();
  const versions = await secret.listVersions();
  const now = new Date();
  const findings = findingsOf(description, versions, { now, options: optionsOf(commandLine) });
  return { description, versions, findings, now };
}

/** Milliseconds since 1970: of the last rotation, or of the creation if there was none. */
function lastChange({ description: { lastRotatedDate, createdDate } }: State): number {
  return (lastRotatedDate ?? createdDate ?? new Date(0)).getTime();
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  return findings.length === 0 ? exitCodes.done : exitCodes.attention;
}

function textOf({ description, versions, findings, now }: State): string {
  const { arn, rotationEnabled, rotationFunctionArn, schedule, duration, lastRotatedDate, nextRotationDate } =
    description;
  const window = duration === undefined ? "" : `, window ${duration}`;
  const rows = [
    ["secret", arn],
    ["rotation", rotationEnabled ? `on, ${schedule ?? "no schedule"}${window}` : "off"],
    ["function", rotationFunctionArn ?? "none"],
    ["last rotation", lastRotatedDate ? dated(lastRotatedDate, now) : "never"],
    ["next rotation", nextRotationDate ? `by ${nextRotationDate.toISOString()}` : "not scheduled"],
    ...versions.map((version) => ["version", versionLine(version, versions, now)]),
  ];
  return [
    ...rows.map(([label = "", value = ""]) => `${label.padEnd(15)}${value}`),
    ...(findings.length === 0 ? ["Nothing needs attention."] : ["", "Needs attention:"]),
    ...findings.map(({ message, remedy }) => `  ${message}\n    ${remedy}`),
  ].join("\n");
}

function versionLine(version: DatedVersion, versions: readonly DatedVersion[], now: Date): string {
  const { versionId, stages, createdDate } = version;
  const rotating = version === candidateOf(versions) ? ", the candidate of a rotation" : "";
  return `${versionId}  ${stages.join(" ")}, made ${dated(createdDate, now)}${rotating}`;
}

function dated(date: Date, now: Date): string {
  return `${date.toISOString()} (${formatAge(now.getTime() - date.getTime())} ago)`;
}
