import { stripVTControlCharacters } from "node:util";
import { figuresOfClient } from "./load-run";
import { promisesOf, promiseTexts, type PromiseName } from "./promises";
import { allKept, figuresOf, type StrategyReport } from "./report";
import type { Screen } from "./screen";
import { clientNames } from "./services";

const labelWidth = 48;
const columnWidth = 19;

/**
 * The table at the end: a column for each strategy, first the figures, then the promises.
 *
 * @param reportFile undefined when there was no load to draw
 */
export function writeSummary(screen: Screen, reports: readonly StrategyReport[], reportFile: string | undefined): void {
  const line = (label: string, cellOf: (report: StrategyReport) => string | number): void => {
    screen.write(`${label.padEnd(labelWidth)}${reports.map((report) => cell(cellOf(report))).join("")}\n`);
  };
  const hasLogins = reportFile !== undefined; // else an API key's requests
  screen.write("\n");
  line("", ({ strategy }) => screen.paint("bold", strategy));
  line("rotations", ({ rotations }) => rotations.length);
  line("time of a rotation, median", (report) => `${figuresOf(report).medianRotationMs} ms`);
  line("Secrets Manager calls a rotation", (report) => figuresOf(report).secretsManagerCallsPerRotation);
  line(
    hasLogins ? "logins a rotation" : "requests to the service a rotation",
    (report) => figuresOf(report).loginsPerRotation,
  );
  line(hasLogins ? "failed logins" : "failed ones", (report) => figuresOf(report).failedLogins);
  line("passwords, keys and tokens that no log may hold", ({ search }) => search.secrets);
  line("logs searched, each with a marker to be found", ({ search }) => search.logs);
  if (reportFile !== undefined) screen.write("\nrequests under load that failed\n");
  for (const client of reportFile === undefined ? [] : clientNames) {
    line(`  ${client}`, ({ load }) => {
      const count = load && figuresOfClient(load, client);
      return count ? `${count.failedRequests} of ${count.requests}` : "-";
    });
  }
  screen.write("\n");
  for (const name of Object.keys(promiseTexts) as PromiseName[]) {
    if (!reports.some(({ strategy }) => promisesOf[strategy].includes(name))) continue;
    line(promiseTexts[name], (report) => verdict(screen, report, name));
  }
  for (const complaint of reports.flatMap(({ promises }) => promises.complaints())) {
    screen.write(`\n${screen.mark(false)} ${complaint}`);
  }
  if (reportFile !== undefined) screen.write(`\nSee ${reportFile} for the picture.`);
  screen.write(allKept(reports) ? "\nEvery promise was kept.\n" : "\nNot every promise was kept.\n");
}

function verdict(screen: Screen, { strategy, promises }: StrategyReport, name: PromiseName): string {
  if (!promisesOf[strategy].includes(name)) return "-";
  return promises.isTried(name) ? screen.mark(promises.isKept(name)) : "not tried";
}

/** Aligned to the right; colours take no width. */
function cell(value: string | number): string {
  const text = String(value);
  return `${" ".repeat(Math.max(0, columnWidth - stripVTControlCharacters(text).length))}${text}`;
}
