import { type BenchReport, type CaseResult, type Goal, isReached } from "./case";

type NamedResult = BenchReport["results"][number];

export function renderText(result: NamedResult): string {
  const lines = table(result).map((cells) => `  ${cells.join("  ")}`.trimEnd());
  return [`\n${result.title}`, ...lines, ...result.goals.map((goal) => `  ${renderGoal(goal)}`)].join("\n");
}

/** Formatted as by `npm run fix`. */
export function renderMarkdown({ machine, results }: BenchReport): string {
  const sections = results.map((result) => {
    const [head = [], ...rows] = table(result);
    const rule = head.map((cell) => "-".repeat(cell.length));
    const lines = [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`);
    return [`## ${result.title}`, "", ...lines, "", ...result.goals.map((goal) => `- ${renderGoal(goal)}`), ""].join(
      "\n",
    );
  });
  const intro = `Written by \`npm run bench\`, medians with least and greatest.\n\n${machine}.`;
  return [`# What it costs in time and memory\n\n${intro}\n`, ...sections].join("\n");
}

function renderGoal(goal: Goal): string {
  const { text, measured, limit, value } = goal;
  return `${isReached(goal) ? "reached" : "missed"}: ${text}: ${measured}, ${limit} ${value}`;
}

/** All cells as text, each column as wide as its widest cell and at least 3. */
function table({ columns, rows }: CaseResult): string[][] {
  const lines = [columns, ...rows].map((cells) => cells.map(String));
  const widths = columns.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) => widths.map((width, column) => (cells[column] ?? "").padEnd(width)));
}
