import { join } from "node:path";
import { startTodoApp, type TodoApp } from "../local/todo-app";
import type { Cleanup } from "./cleanup";
import type { LogPart } from "./log-search";
import type { Servers } from "./servers";
import type { WatchedStack } from "./watched-stack";

/** Ours, and the two that it is compared with. */
export const clientNames = ["todo-app", "injected-credential", "single-retry"] as const;

export type ClientName = (typeof clientNames)[number];

export interface Service {
  readonly name: ClientName;
  readonly url: string;
  readonly log: LogPart;
  stop(): Promise<unknown>;
}

export interface ServiceOptions {
  readonly cleanup: Cleanup;
  /** Where ours listens; 0 is any free port. The others listen on any free port. */
  readonly port: number;
  /** The program started as ours, as Node's arguments. @default the built bundle */
  readonly todoAppProgram?: readonly string[];
}

/**
 * A pool meets a new password only when it renews a session, so each service renews some every second. A login takes up
 * to 20 ms of CPU time: with more of them, two cores are busy, and the latencies are those of the machine. A single
 * retry fails only if it logs in between setSecret and finishSecret; at 20 logins a second it does in some rotations.
 * Where every request fails, each of them costs a login.
 */
export const loads: Readonly<
  Record<ClientName, { readonly requestsPerSecond: number; readonly requestsPerSession: number }>
> = {
  "todo-app": { requestsPerSecond: 200, requestsPerSession: 20 },
  "injected-credential": { requestsPerSecond: 20, requestsPerSession: 2 },
  "single-retry": { requestsPerSecond: 40, requestsPerSession: 2 },
};

const comparedProgram = ["--require", join(__dirname, "..", "tsx.cjs"), join(__dirname, "clients", "server.ts")];

export async function startTodoService(
  servers: Servers,
  watched: WatchedStack,
  options: ServiceOptions,
): Promise<Service> {
  const { cleanup, port, todoAppProgram: program } = options;
  const environment = {
    ...environmentOf(servers, "todo-app"),
    DATABASE_SECRET_ARN: watched.stack.secretArn,
    PORT: `${port}`,
  };
  return serviceOf("todo-app", await startTodoApp({ environment, program }), cleanup);
}

/** Starts all three, side by side on the same secret. */
export async function startServices(
  servers: Servers,
  watched: WatchedStack,
  options: ServiceOptions,
): Promise<readonly Service[]> {
  const { stack } = watched;
  const startCompared = async (name: ClientName, secret: Readonly<Record<string, string>>): Promise<Service> => {
    const environment = { ...environmentOf(servers, name), ...secret };
    return serviceOf(name, await startTodoApp({ environment, program: [...comparedProgram, name] }), options.cleanup);
  };
  return Promise.all([
    startTodoService(servers, watched, options),
    startCompared("injected-credential", { DATABASE_SECRET: JSON.stringify(await stack.readValue()) }),
    startCompared("single-retry", { DATABASE_SECRET_ARN: stack.secretArn }),
  ]);
}

function environmentOf({ postgres, secretsManager }: Servers, name: ClientName): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpointUrl,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    DATABASE_CONNECTION_MAX_USES: `${loads[name].requestsPerSession}`,
    PGSSLROOTCERT: postgres.caFile,
  };
}

async function serviceOf(name: ClientName, app: TodoApp, cleanup: Cleanup): Promise<Service> {
  const stop = async (): Promise<void> => {
    await app.stop();
  };
  await cleanup.add({ stop });
  const read = (): Promise<string> => Promise.resolve(app.logs.join("\n"));
  // Its last log line: everything that requests logged before it has arrived.
  return { name, url: app.url, stop, log: { name: `the log of ${name}`, read, proofOf: () => "shut down" } };
}
