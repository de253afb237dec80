import { setTimeout as sleep } from "node:timers/promises";
import { startTodoService, type ServiceOptions } from "../services";
import type { RotationStrategy } from "../stack";
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
  progress.keeping(strategy, url);
  servers.watchSteps((report) => {
    progress.step(report);
  });
  for (let number = 1; ; number++) {
    await sleep(rotateEveryMs);
    progress.rotationStarted(`${number}`);
    const startMs = performance.now();
    const { succeeded, error = "" } = await watched.stack.rotate();
    if (!succeeded) throw new Error(error);
    progress.rotationSucceeded(performance.now() - startMs);
    progress.rotationEnded();
  }
}
