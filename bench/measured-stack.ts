import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { PostgresLog } from "../demo/postgres-log";
import { type LocalFunction, startFunction } from "../local/lambda";
import { type PostgresServer, startPostgres } from "../local/postgres";
import { type SecretsManagerServer, startSecretsManager } from "../local/secrets-manager";
import { createStack, type RotationStrategy, type Stack, type StackOptions } from "../local/stack";

/** What bench/measured-function.cjs writes after an invocation. */
export interface Invocation {
  /** From the start of the process to the imported bundle. */
  readonly importMs: number;
  readonly handlerMs: number;
  /** User and system time of the process since its start. */
  readonly cpuMs: number;
  readonly heapBytes: number;
}

export interface MeasuredServers {
  readonly postgres: PostgresServer;
  readonly postgresLog: PostgresLog;
  readonly secretsManager: SecretsManagerServer;
  /** The server's authority among all public ones, as in Lambda's file. */
  readonly caFile: string;
}

export interface MeasuredStack extends Stack {
  /** One for each invocation of the rotation function so far. */
  readonly invocations: readonly Invocation[];
}

const preload = { NODE_OPTIONS: `--require ${JSON.stringify(join(__dirname, "measured-function.cjs"))}` };

/** Runs with the two servers that stand for AWS, and stops them. */
export async function withServers<T>(run: (servers: MeasuredServers) => Promise<T>): Promise<T> {
  const postgres = await startPostgres();
  const secretsManager = await startSecretsManager();
  const folder = mkdtempSync(join(tmpdir(), "todo-rotation-bench-"));
  const caFile = join(folder, "ca.pem");
  writeFileSync(caFile, [...rootCertificates, readFileSync(postgres.caFile, "utf8")].join("\n"));
  try {
    return await run({ postgres, postgresLog: new PostgresLog(postgres.logFile), secretsManager, caFile });
  } finally {
    await Promise.all([postgres.stop(), secretsManager.stop()]);
    rmSync(folder, { recursive: true });
  }
}

/** Creates a bootstrapped stack that measures the cost of its rotation function. */
export async function startMeasuredStack(
  servers: MeasuredServers,
  strategy: RotationStrategy,
  database: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<MeasuredStack> {
  const invocations: Invocation[] = [];
  const stack = await startStack(servers, strategy, database, {
    environment: { ...preload, PGSSLROOTCERT: servers.caFile, ...environment },
    onLog: (line) => void invocations.push(...readInvocation(line)),
  });
  invocations.length = 0;
  return { ...stack, invocations };
}

/** Creates a bootstrapped stack in a database of its own. */
export async function startStack(
  { postgres, secretsManager }: MeasuredServers,
  strategy: RotationStrategy,
  database: string,
  options: Pick<StackOptions, "additionalUsers" | "environment" | "onLog">,
): Promise<Stack> {
  await postgres.createDatabase(database);
  const names = { username: database, ownerRole: `${database}_owner` };
  const stack = await createStack({ postgres, secretsManager, strategy, database, ...names, ...options });
  const { functionError } = await stack.bootstrap();
  if (functionError !== undefined) throw new Error(`bootstrap of ${database} failed: ${functionError}`);
  return stack;
}

export function startFloor({ caFile, secretsManager }: MeasuredServers, invocations: Invocation[]): LocalFunction {
  return startFunction({
    name: "floor",
    bundleFile: join(__dirname, "floor.mjs"),
    handler: "floor",
    environment: { ...preload, PGSSLROOTCERT: caFile, AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpointUrl },
    onLog: (line) => void invocations.push(...readInvocation(line)),
  });
}

export async function rotate(stack: Stack): Promise<void> {
  const { error } = await stack.rotate();
  if (error !== undefined) throw new Error(`a rotation failed: ${error}`);
}

function readInvocation(line: string): Invocation[] {
  if (!line.startsWith('{"bench":')) return [];
  return [(JSON.parse(line) as { readonly bench: Invocation }).bench];
}
