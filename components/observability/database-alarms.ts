import type { Input } from "@pulumi/pulumi";
import type { AlarmDefinition } from "./metric-alarm";
import { awsMetric } from "./metrics";

/** In Aurora capacity units. */
export interface DatabaseCapacity {
  readonly minCapacityAcu: number;
  readonly maxCapacityAcu: number;
}

export interface WatchedDatabase {
  readonly clusterIdentifier: Input<string>;
  /** Undefined for another program's database, which that program watches. */
  readonly capacity: DatabaseCapacity | undefined;
}

/*
 * max_connections follows from the maximum capacity. Aurora's table begins with 189 for 1 ACU and grows a little faster
 * than the capacity, up to 5,000, or 2,000 if the minimum capacity is 0 or 0.5.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
 */
const connectionsPerAcu = 189;
const mostConnections = 5_000;
const mostConnectionsFromLowCapacity = 2_000;

/** Connections that the alarm allows: 80 % of what the database allows. */
function connectionLimit({ minCapacityAcu, maxCapacityAcu }: DatabaseCapacity): number {
  const most = minCapacityAcu <= 0.5 ? mostConnectionsFromLowCapacity : mostConnections;
  return Math.floor(0.8 * Math.min(most, maxCapacityAcu * connectionsPerAcu));
}

const gibibyte = 2 ** 30;

/**
 * Subject and condition → alarm. All are about the writer: a mean over the cluster would hide that it is at its limit.
 * A paused database publishes nothing, which is fine.
 */
export function databaseAlarms(
  clusterIdentifier: Input<string>,
  capacity: DatabaseCapacity,
): Readonly<Record<string, AlarmDefinition>> {
  const writer = { DBClusterIdentifier: clusterIdentifier, Role: "WRITER" };
  const quarterHour = { periodSeconds: 300, evaluationPeriods: 3, treatMissingData: "notBreaching" } as const;
  return {
    "database-capacity": {
      section: "database-capacity",
      ...quarterHour,
      metric: awsMetric("AWS/RDS", "ACUUtilization", writer),
      description: `The database has needed all of its ${capacity.maxCapacityAcu} capacity units for a quarter of an hour.`,
      statistic: "Minimum",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 100,
    },
    "database-connections": {
      section: "database-connections",
      ...quarterHour,
      metric: awsMetric("AWS/RDS", "DatabaseConnections", writer),
      description: "The database is close to the most connections that it takes.",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: connectionLimit(capacity),
    },
    "database-local-storage": {
      section: "database-local-storage",
      ...quarterHour,
      metric: awsMetric("AWS/RDS", "FreeLocalStorage", writer),
      description: "The writer has less than 1 GiB of local storage left for temporary tables and sorting.",
      statistic: "Minimum",
      comparisonOperator: "LessThanThreshold",
      threshold: gibibyte,
    },
  };
}
