import type { RotatingSecret } from "../../local/rotating-secret";
import type { Stack } from "../../local/stack";
import { type BenchCase, type Goal, round } from "../case";
import { type MeasuredServers, startStack, withServers } from "../measured-stack";

const secretCounts = [1, 10, 100, 1_000];
/** As many as fit into Lambda's 4 KB of environment; docs/several-users.md. */
const secretsPerFunction = 25;
/** Concurrent rotations, each in its own process of the function. */
const parallelRotations = 4;

/**
 * Requests a second that AWS allows in an account and Region, for the operations of a rotation:
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
const quotas = [
  { operations: ["PutSecretValue", "UpdateSecretVersionStage"], requestsPerSecond: 50 },
  { operations: ["RotateSecret"], requestsPerSecond: 50 },
  { operations: ["GetSecretValue"], requestsPerSecond: 10_000 },
  { operations: ["DescribeSecret"], requestsPerSecond: 40_000 },
];

interface Run {
  readonly secrets: number;
  readonly seconds: number;
  readonly failed: number;
  /** Operation → calls, including the schedule's own RotateSecret. */
  readonly calls: ReadonlyMap<string, number>;
}

/** Many secrets of one PostgreSQL server, each rotated once, and how many rotations AWS's quotas allow. */
export const scaleCase: BenchCase = {
  name: "scale",
  title: `Many secrets of one PostgreSQL server, ${secretsPerFunction} to a function`,
  run: (progress) =>
    withServers(async (servers) => {
      const runs: Run[] = [];
      for (const secrets of secretCounts) {
        progress(`${secrets} secrets`);
        runs.push(await rotateAll(servers, secrets));
      }
      const rows = runs.map(({ secrets, seconds, failed, calls }) => {
        const perRotation = sum([...calls.values()]) / secrets;
        return [
          secrets,
          failed,
          round(secrets / seconds, 1),
          round(perRotation, 1),
          ...quotas.map((quota) => fastest(quota, calls, secrets)),
        ];
      });
      const allowed = quotas.map(({ operations }) => `rotations a second that ${operations.join(" and ")} allow`);
      const goals: Goal[] = [
        { text: "failed rotations", measured: sum(runs.map(({ failed }) => failed)), limit: "at most", value: 0 },
      ];
      return { columns: ["secrets", "failed", "rotations a second here", "calls a rotation", ...allowed], rows, goals };
    }),
};

async function rotateAll(servers: MeasuredServers, secrets: number): Promise<Run> {
  const { secretsManager } = servers;
  let [seconds, failed] = [0, 0];
  const calls = new Map<string, number>();
  for (let made = 0; made < secrets; made += secretsPerFunction) {
    const stack = await startUsers(servers, `scale_${secrets}_${made}`, Math.min(secretsPerFunction, secrets - made));
    try {
      secretsManager.clearCalls();
      const startedAt = performance.now();
      failed += await rotateEach([stack, ...Object.values(stack.additional)]);
      seconds += (performance.now() - startedAt) / 1000;
      for (const { operation } of secretsManager.calls) calls.set(operation, (calls.get(operation) ?? 0) + 1);
    } finally {
      await stack.stop();
    }
  }
  return { secrets, seconds, failed, calls };
}

function startUsers(servers: MeasuredServers, database: string, users: number): Promise<Stack> {
  const additionalUsers = Array.from({ length: users - 1 }, (_, number) => ({
    name: `${database}_user_${number}`,
    access: "read-only" as const,
  }));
  return startStack(servers, "single-user", database, { additionalUsers });
}

/** @returns how many rotations failed */
async function rotateEach(waiting: RotatingSecret[]): Promise<number> {
  let failed = 0;
  const work = async (): Promise<void> => {
    for (let secret = waiting.pop(); secret; secret = waiting.pop()) {
      const { succeeded } = await secret.rotate();
      if (!succeeded) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: parallelRotations }, work));
  return failed;
}

function fastest(
  { operations, requestsPerSecond }: (typeof quotas)[number],
  calls: Run["calls"],
  secrets: number,
): number {
  const perRotation = sum(operations.map((operation) => calls.get(operation) ?? 0)) / secrets;
  return round(requestsPerSecond / perRotation, 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
