import type { LoadReport } from "../load-run";
import { bucketsOf, type Bucket } from "../load/measurements";
import type { ClientName } from "../services";

const width = 1000;
const plot = { left: 44, right: 990, top: 20, bottom: 110 };
const height = plot.bottom + 18;
const bucketMs = 200;
const tickSeconds = 2;

/** Requests per second over time, failures on top, with every rotation marked. For one client, as SVG. */
export function formatChart(load: LoadReport, client: ClientName, label: string): string {
  const { startMs, endMs } = load;
  const buckets = bucketsOf(load.samples[client], startMs, endMs, bucketMs);
  const perSecond = (count: number): number => (count * 1000) / bucketMs;
  const highest = Math.max(1, ...buckets.map(({ succeeded, failed }) => perSecond(succeeded + failed)));
  const x = (ms: number): number => round(plot.left + ((ms - startMs) / (endMs - startMs)) * (plot.right - plot.left));
  const y = (rate: number): number => round(plot.bottom - (rate / highest) * (plot.bottom - plot.top));
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
${formatRotations(load, x)}
${buckets.map((bucket, index) => formatBucket(bucket, startMs + index * bucketMs, { x, y, perSecond })).join("")}
${formatAxes(load, highest, { x, y })}
</svg>`;
}

interface Scale {
  readonly x: (ms: number) => number;
  readonly y: (rate: number) => number;
}

function formatBucket(
  { succeeded, failed }: Bucket,
  fromMs: number,
  { x, y, perSecond }: Scale & { readonly perSecond: (count: number) => number },
): string {
  const left = x(fromMs) + 0.5;
  const barWidth = round(x(fromMs + bucketMs) - left - 1);
  const bar = (className: string, below: number, count: number): string => {
    if (count === 0) return "";
    const top = y(perSecond(below + count));
    return `<rect class="${className}" x="${left}" y="${top}" width="${barWidth}" height="${round(y(perSecond(below)) - top)}"/>`;
  };
  return bar("succeeded", 0, succeeded) + bar("failed", succeeded, failed);
}

/**
 * A line where the rotation starts; a band while the database has the new password and AWSCURRENT still the old one.
 */
function formatRotations({ rotations }: LoadReport, x: Scale["x"]): string {
  return rotations
    .map(({ startMs, passwordSetMs, endMs }, index) => {
      const start = x(startMs);
      const line = `<line class="rotation" x1="${start}" x2="${start}" y1="${plot.top - 6}" y2="${plot.bottom}"/>`;
      const number = `<text class="rotation-number" x="${start}" y="${plot.top - 9}" text-anchor="middle">${index + 1}</text>`;
      const [from, to] = [x(passwordSetMs), x(endMs)];
      const size = `width="${round(Math.max(2, to - from))}" height="${plot.bottom - plot.top + 6}"`;
      return `<rect class="window" x="${from}" y="${plot.top - 6}" ${size}/>${line}${number}`;
    })
    .join("");
}

function formatAxes({ startMs, endMs }: LoadReport, highest: number, { x, y }: Scale): string {
  const seconds = Array.from(
    { length: Math.floor((endMs - startMs) / 1000 / tickSeconds) + 1 },
    (_, index) => index * tickSeconds,
  );
  const ticks = seconds.map(
    (second) => `<text x="${x(startMs + second * 1000)}" y="${height - 4}" text-anchor="middle">${second} s</text>`,
  );
  const rate = `<text x="${plot.left - 6}" y="${y(highest) + 10}" text-anchor="end">${Math.round(highest)}/s</text>`;
  const line = `<line class="axis" x1="${plot.left}" x2="${plot.right}" y1="${plot.bottom}" y2="${plot.bottom}"/>`;
  return `${line}${rate}${ticks.join("")}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
