import type { Description } from "./secret";
import { type Finding, formatAge } from "./findings";

/** One user's secret, as far as the overview shows it. */
export interface UserState {
  readonly user: string;
  readonly description: Description;
  readonly findings: readonly Finding[];
  readonly now: Date;
}

/** One line for each user, in their order, and below it what needs attention. */
export function overviewOf(states: readonly UserState[]): string {
  const rows = states.map(({ user, description, findings, now }) => {
    const { rotationEnabled, schedule, lastRotatedDate, nextRotationDate } = description;
    return [
      user,
      lastRotatedDate ? `${formatAge(now.getTime() - lastRotatedDate.getTime())} ago` : "never",
      rotationEnabled ? (schedule ?? "no schedule") : "off",
      nextRotationDate?.toISOString().slice(0, 16) ?? "not scheduled",
      findings.length === 0 ? "nothing" : `${findings.length}, see below`,
    ];
  });
  const table = [["user", "last rotation", "rotation", "next by (UTC)", "needs attention"], ...rows];
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
