import { InvalidRequestException } from "@aws-sdk/client-secrets-manager";
import { setTimeout as sleep } from "node:timers/promises";
import { startTodoService, type ServiceOptions } from "./services";
import type { RotationStrategy, Stack } from "../local/stack";
import type { Progress } from "./progress";
import type { Servers } from "./servers";
import { startWatchedStack, type WatchedStackOptions } from "./watched-stack";

const rotateEveryMs = 5_000;

/** The todo service on a new database, with a rotation every few seconds, until the process is stopped. */
export async function keepRotating(
  servers: Servers,
  strategy: RotationStrategy,
  progress: Progress,
  options: ServiceOptions & WatchedStackOptions,
): Promise<never> {
  const watched = await startWatchedStack(servers, strategy, { ...options, name: "page" });
  const { url } = await startTodoService(servers, watched, options);
  await watched.stack.rotate(); // from here on the operator's commands find rotation set up
  progress.keeping(strategy, url, {
    endpointUrl: servers.secretsManager.endpointUrl,
    secretId: watched.stack.secretArn,
  });
  servers.watchSteps((report) => {
    progress.step(report);
  });
  for (let number = 1; ; number++) {
    await sleep(rotateEveryMs);
    progress.rotationStarted(`rotation ${number}`);
    const startMs = performance.now();
    const error = await rotate(watched.stack);
    if (error === undefined) progress.rotationSucceeded(performance.now() - startMs);
    else progress.rotationFailed(error);
    progress.rotationEnded();
  }
}

/** The user at the second terminal may have started a rotation, or may have a stuck one to repair. */
async function rotate(stack: Stack): Promise<string | undefined> {
  try {
    const { succeeded, error } = await stack.rotate();
    return succeeded ? undefined : error;
  } catch (error) {
    if (error instanceof InvalidRequestException) return error.message;
    throw error;
  }
}
