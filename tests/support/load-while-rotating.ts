import assert from "node:assert/strict";
import type { TestStack } from "./stack";
import { until } from "./until";

export interface Load {
  /** The minimum number. */
  readonly requests: number;
  readonly workers: number;
  /** @param number from 0, each once */
  readonly request: (number: number) => Promise<unknown>;
}

/**
 * Sends requests from several workers until both the work and the requests are done.
 *
 * @param work gets how many requests have been sent so far
 */
export async function loadWhile(
  work: (countSent: () => number) => Promise<void>,
  { requests, workers, request }: Load,
): Promise<{ readonly requests: number; readonly failures: readonly string[] }> {
  let sent = 0;
  let isWorking = true;
  const failures: string[] = [];
  const send = async (): Promise<void> => {
    while (isWorking || sent < requests) {
      await request(sent++).catch((error: unknown) => {
        failures.push((error as { code?: string }).code ?? String(error));
      });
    }
  };
  const end = () => {
    isWorking = false;
  };
  await Promise.all([work(() => sent).finally(end), ...Array.from({ length: workers }, send)]);
  return { requests: sent, failures };
}

/** The rotations are spread over the requests. */
export function loadWhileRotating(stack: TestStack, { rotations, ...load }: Load & { readonly rotations: number }) {
  return loadWhile(async (countSent) => {
    for (let done = 0; done < rotations; done++) {
      await until(() => countSent() >= (load.requests * done) / rotations);
      const outcome = await stack.rotate();
      assert.equal(outcome.succeeded, true, outcome.error);
    }
  }, load);
}
