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
  const line = (label: string, cells: readonly string[]): void => {
    screen.write(`${label.padEnd(labelWidth)}${cells.join("")}\n`);
  };
  const figures = reports.map(figuresOf);
  screen.write("\n");
  line(
    "",
    figures.map(({ strategy }) => screen.paint("bold", cell(strategy))),
  );
  line(
    "rotations",
    figures.map(({ rotations }) => cell(rotations)),
  );
  line(
    "time of a rotation, median",
    figures.map(({ medianRotationMs }) => cell(`${medianRotationMs} ms`)),
  );
  line(
    "Secrets Manager calls a rotation",
    figures.map(({ secretsManagerCallsPerRotation }) => cell(secretsManagerCallsPerRotation)),
  );
  line(
    reportFile === undefined ? "requests to the service a rotation" : "logins a rotation",
    figures.map(({ loginsPerRotation }) => cell(loginsPerRotation)),
  );
  line(
    reportFile === undefined ? "failed ones" : "failed logins",
    figures.map(({ failedLogins }) => cell(failedLogins)),
  );
  line(
    "passwords, keys and tokens that no log may hold",
    reports.map(({ search }) => cell(search.secrets)),
  );
  line(
    "logs searched, each with a marker to be found",
    reports.map(({ search }) => cell(search.logs)),
  );
  if (reportFile !== undefined) screen.write("\nrequests under load that failed\n");
  for (const client of reportFile === undefined ? [] : clientNames) {
    const counts = reports.map(({ load }) => (load ? figuresOfClient(load, client) : undefined));
    line(
      `  ${client}`,
      counts.map((count) => cell(count ? `${count.failedRequests} of ${count.requests}` : "-")),
    );
  }
  screen.write("\n");
  for (const name of Object.keys(promiseTexts) as PromiseName[]) {
    if (!reports.some(({ strategy }) => promisesOf[strategy].includes(name))) continue;
    line(
      promiseTexts[name],
      reports.map((report) => verdict(screen, report, name)),
    );
  }
  for (const complaint of reports.flatMap(({ promises }) => promises.complaints())) {
    screen.write(`\n${screen.mark(false)} ${complaint}`);
  }
  if (reportFile !== undefined) screen.write(`\nSee ${reportFile} for the picture.`);
  screen.write(allKept(reports) ? "\nEvery promise was kept.\n" : "\nNot every promise was kept.\n");
}

function verdict(screen: Screen, { strategy, promises }: StrategyReport, name: PromiseName): string {
  if (!promisesOf[strategy].includes(name)) return cell("-");
  if (!promises.isTried(name)) return cell("not tried");
  return `${" ".repeat(columnWidth - 1)}${screen.mark(promises.isKept(name))}`;
}

function cell(value: string | number): string {
  return String(value).padStart(columnWidth);
}
