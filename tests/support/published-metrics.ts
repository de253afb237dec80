import { awsMetrics } from "../../components/observability/metrics";
import { metricNamespace, metrics as ownMetrics } from "../../contract/metrics";

export interface WatchedMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

type Published = Readonly<Record<string, readonly string[]>>;

/** Namespace → metric → dimensions, of all publishers. */
const published: Readonly<Record<string, Published>> = {
  ...awsMetrics,
  [metricNamespace]: Object.fromEntries(
    Object.entries(ownMetrics).map(([name, { dimensions }]) => [name, [...dimensions]]),
  ),
};

/** What is wrong with a watched metric; undefined when exactly this metric is published. */
export function findUnpublished({ namespace, metricName, dimensions }: WatchedMetric): string | undefined {
  const accepted = published[namespace]?.[metricName];
  if (accepted === undefined) return `${namespace} ${metricName}: nobody publishes it`;
  const received = Object.keys(dimensions).sort().join(", ");
  const expected = [...accepted].sort().join(", ");
  return received === expected
    ? undefined
    : `${namespace} ${metricName}: dimensions ${received}, published with ${expected}`;
}

/** The metrics of a dashboard's graphs, each [namespace, name, dimension, value, …, options]. */
export function dashboardMetrics(body: string): WatchedMetric[] {
  const { widgets } = JSON.parse(body) as { widgets: { properties: { metrics?: (string | object)[][] } }[] };
  return widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .map((metric) => {
      const [namespace = "", metricName = "", ...rest] = metric.filter((part) => typeof part === "string");
      const pairs = rest.flatMap((key, i) => (i % 2 === 0 ? [[key, rest[i + 1]]] : []));
      return { namespace, metricName, dimensions: Object.fromEntries(pairs) as Record<string, string> };
    });
}
