import type { LoadReport } from "../load-run";
import { figuresOfSamples } from "../load/measurements";
import { type ClientName, clientNames, loads } from "../services";
import type { RotationStrategy } from "../../local/stack";
import { formatChart } from "./chart";
import { style } from "./style";

export interface SeenUnderLoad {
  readonly strategy: RotationStrategy;
  readonly load: LoadReport;
}

const strategyTexts: Readonly<Record<RotationStrategy, readonly [title: string, text: string]>> = {
  "single-user": [
    "One user changes its own password",
    "Between setSecret and finishSecret the database knows the new password and AWSCURRENT still holds the old one.",
  ],
  "alternating-users": [
    "Two users take turns",
    "The credential before stays valid until its user's next turn: one that was read at start lasts one rotation longer.",
  ],
};

const clientTexts: Readonly<Record<ClientName, readonly [title: string, text: string]>> = {
  "todo-app": ["todo service", "takes AWSCURRENT or AWSPENDING when it is refused, and waits until it is let in"],
  "injected-credential": ["injected credential", "read once, at start, as ECS injects it"],
  "single-retry": ["single retry", "reads AWSCURRENT when it is refused, and retries once, at once"],
};

/** demo-report.html: one self-contained file. */
export function formatReport(seen: readonly SeenUnderLoad[]): string {
  const ours = figuresOfSamples(seen.flatMap(({ load }) => load.samples["todo-app"]));
  const rotations = seen.reduce((sum, { load }) => sum + load.rotations.length, 0);
  const headline = `${rotations} rotations, ${number(ours.failedRequests)} of ${number(ours.requests)} requests failed`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>todo-rotation: ${headline}</title>
<style>${style}</style>
<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>
<pattern id="hatching" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect class="hatching-ground" width="6" height="6"/><line class="hatching-line" x1="3" x2="3" y1="0" y2="6"/>
</pattern></defs></svg>
<header>
<h1>${headline}</h1>
<p>The todo service, while its database credential rotated under load, beside two services that get the credential in
other ways. To meet every rotation, they renew ${clientNames.map(sessionsPerSecond).join(", ")} database sessions a second, in the order below.</p>
${legend}
</header>
${seen.map(formatStrategy).join("\n")}
</html>
`;
}

function sessionsPerSecond(client: ClientName): number {
  return loads[client].requestsPerSecond / loads[client].requestsPerSession;
}

const key = (className: string): string =>
  `<svg viewBox="0 0 18 14" aria-hidden="true"><rect class="${className}" x="1" y="1" width="16" height="12"/></svg>`;

const legend = `<div class="legend">
<span>${key("succeeded")}requests answered</span>
<span>${key("failed")}requests failed</span>
<span><svg viewBox="0 0 18 14" aria-hidden="true"><line class="rotation" x1="9" x2="9" y1="0" y2="14"/></svg>a rotation starts</span>
<span>${key("window")}setSecret is done, AWSCURRENT has not moved</span>
</div>`;

function formatStrategy({ strategy, load }: SeenUnderLoad): string {
  const [title, text] = strategyTexts[strategy];
  return `<section>
<h2>${title} <small>(${strategy})</small></h2>
<p>${text}</p>
${clientNames.map((client) => formatClient(load, client)).join("\n")}
</section>`;
}

function formatClient(load: LoadReport, client: ClientName): string {
  const { requests, failedRequests, p50Ms, p99Ms } = figuresOfSamples(load.samples[client]);
  const [title, text] = clientTexts[client];
  const verdict = `${number(failedRequests)} of ${number(requests)} failed`;
  const label = `${title}: requests a second over time, ${verdict}`;
  return `<figure>
<figcaption><b>${title}</b><span class="verdict">${verdict}</span><span>p50 ${p50Ms} ms, p99 ${p99Ms} ms</span><span>${text}</span></figcaption>
${formatChart(load, client, label)}
</figure>`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
