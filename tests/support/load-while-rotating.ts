import assert from "node:assert/strict";
import type { TestStack } from "./stack";
import { until } from "./until";

export interface Load {
  readonly rotations: number;
  /** The minimum number. The rotations are spread over them. */
  readonly requests: number;
  readonly workers: number;
  /** @param number from 0, each once */
  readonly request: (number: number) => Promise<unknown>;
}

/** Sends requests from several workers until both the rotations and the requests are done. */
export async function loadWhileRotating(
  stack: TestStack,
  { rotations, requests, workers, request }: Load,
): Promise<{ readonly requests: number; readonly failures: readonly string[] }> {
  let sent = 0;
  let isRotating = true;
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    while (isRotating || sent < requests) {
      await request(sent++).catch((error: unknown) => {
        failures.push((error as { code?: string }).code ?? String(error));
      });
    }
  };
  const rotate = async (): Promise<void> => {
    try {
      for (let done = 0; done < rotations; done++) {
        await until(() => sent >= (requests * done) / rotations);
        const outcome = await stack.rotate();
        assert.equal(outcome.succeeded, true, outcome.error);
      }
    } finally {
      isRotating = false;
    }
  };
  await Promise.all([rotate(), ...Array.from({ length: workers }, work)]);
  return { requests: sent, failures };
}
