import { type Finding, formatAge } from "./findings";
import type { DatedVersion, Description } from "./secret";

/** What is known about one secret. */
export interface State {
  readonly description: Description;
  readonly versions: readonly DatedVersion[];
  readonly findings: readonly Finding[];
  readonly now: Date;
}

export interface UserState extends State {
  readonly user: string;
}

export const overviewColumns = ["user", "last rotation", "rotation", "next by (UTC)", "needs attention"];

/** The cells of one user's row. */
export function overviewRow({ user, description, findings, now }: UserState): string[] {
  const { rotationEnabled, schedule, lastRotatedDate, nextRotationDate } = description;
  return [
    user,
    lastRotatedDate ? `${formatAge(now.getTime() - lastRotatedDate.getTime())} ago` : "never",
    rotationEnabled ? (schedule ?? "no schedule") : "off",
    nextRotationDate?.toISOString().slice(0, 16) ?? "not scheduled",
    findings.length === 0 ? "nothing" : `${findings.length}, see below`,
  ];
}

/** One line for each user, in order, followed by what needs attention. */
export function overviewOf(states: readonly UserState[]): string {
  const table = [overviewColumns, ...states.map(overviewRow)];
  const widths = (table[0] ?? []).map((_, i) => Math.max(...table.map((cells) => (cells[i] ?? "").length)));
  const lines = table.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const attention = states.flatMap(({ user, findings }) =>
    findings.map(({ message, remedy }) => `  ${user}: ${message}\n    ${remedy}`),
  );
  const verdict = attention.length === 0 ? ["Nothing needs attention."] : ["", "Needs attention:", ...attention];
  return [...lines, ...verdict].join("\n");
}
