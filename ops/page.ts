import { writeFileSync } from "node:fs";
import { exitCodes, Failure } from "./failure";
import { overviewColumns, overviewRow, type UserState } from "./overview";

/** Light or dark, like the reader's system; on a narrow screen each row becomes a list. */
const style = `
:root { color-scheme: light dark; --paper: #fbfbf9; --ink: #1c1f24; --soft: #5b6470; --line: #dfe2e6; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --ink: #e9ecef; --soft: #9aa4b0; --line: #333a43; --bad: #ff8a75; }
}
body { margin: 0 auto; padding: 2rem 1.25rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2rem 0 0; }
p { color: var(--soft); margin: 0.3rem 0 1.5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 500; }
.attention { color: var(--bad); font-weight: 600; }
code { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
  tr { display: block; padding: 0.7rem 0; border-bottom: 1px solid var(--line); }
  th, td { display: flex; justify-content: space-between; gap: 1rem; padding: 0.1rem 0; border: 0; }
  td::before { content: attr(data-label); color: var(--soft); }
}`;

/** What the overview shows, as an HTML page that needs no other file. */
export function pageOf(stack: string, states: readonly UserState[]): string {
  const rows = states.map((state) => {
    const [user = "", ...cells] = overviewRow(state);
    const attention = state.findings.length > 0 ? ' class="attention"' : "";
    const others = cells.map((cell, i) => {
      const label = overviewColumns[i + 1] ?? "";
      return `<td data-label="${label}"${i === cells.length - 1 ? attention : ""}>${escape(cell)}</td>`;
    });
    return `<tr><th scope="row">${escape(user)}</th>${others.join("")}</tr>`;
  });
  const findings = states.flatMap(({ user, findings: ofUser }) =>
    ofUser.map(({ message, remedy }) => `<li>${escape(`${user}: ${message}`)}<br><code>${escape(remedy)}</code></li>`),
  );
  const date = states[0]?.now.toISOString().slice(0, 16).replace("T", " ") ?? "";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Credentials of stack ${escape(stack)}</title>
<style>${style}</style>
<h1>Credentials of stack ${escape(stack)}</h1>
<p>As of ${date} UTC, the oldest first.</p>
<table>
<thead><tr>${overviewColumns.map((column) => `<th scope="col">${column}</th>`).join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
<h2>${findings.length === 0 ? "Nothing needs attention." : "Needs attention"}</h2>
${findings.length === 0 ? "" : `<ul>\n${findings.join("\n")}\n</ul>\n`}</html>
`;
}

/** @throws Failure (unexpected) when the file cannot be written */
export function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    const { code = "an error" } = error as NodeJS.ErrnoException;
    throw new Failure(
      exitCodes.unexpected,
      `--html: received ${file}, which cannot be written (${code}); accepted is a file in an existing folder.`,
      "Name another file.",
    );
  }
}

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
