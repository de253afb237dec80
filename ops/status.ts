import type { Command } from "./command";
import { exitCodes } from "./failure";
import { candidateOf, type DatedVersion, type Description, Secret } from "./secret";
import { type Finding, findingsOf, formatAge } from "./findings";
import { findSecret, optionsOf } from "./target";

/** Shows the secret's state. Two calls, and neither reads a value. */
export const status: Command = async (commandLine, terminal) => {
  const secret = new Secret(await findSecret(commandLine));
  const description = await secret.describe();
  const versions = await secret.listVersions();
  const now = new Date();
  const findings = findingsOf(description, versions, { now, options: optionsOf(commandLine) });
  const text = textOf({ description, versions, findings, now });
  terminal.result(text, { ...description, versions, findings });
  return findings.length === 0 ? exitCodes.done : exitCodes.attention;
};

interface State {
  readonly description: Description;
  readonly versions: readonly DatedVersion[];
  readonly findings: readonly Finding[];
  readonly now: Date;
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
