import { SecretsManagerServiceException } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { DatabaseError } from "pg";
import { RotationError } from "../../../rotation-fn/errors";
import { startStack, type TestStack } from "../stack";
import { type FunctionInProcess, functionInProcess } from "./function-in-process";
import { rotateOnce } from "./invariants";

export type Strategy = TestStack["strategy"];

type Work<T> = (stack: TestStack, fn: FunctionInProcess) => Promise<T>;

/** A stack and its functions for one run, before bootstrap has run. */
export async function withStack<T>(strategy: Strategy, work: Work<T>): Promise<T> {
  const stack = await startStack({ strategy, bootstrapped: false });
  const fn = functionInProcess(stack);
  try {
    return await work(stack, fn);
  } finally {
    fn.destroy();
    await stack.stop();
  }
}

/** The same after bootstrap and this many rotations. */
export function withRotatedStack<T>(strategy: Strategy, rotations: number, work: Work<T>): Promise<T> {
  return withStack(strategy, async (stack, fn) => {
    await fn.bootstrap();
    for (let rotation = 1; rotation <= rotations; rotation++) await rotateOnce(stack, fn);
    return work(stack, fn);
  });
}

/** Every failure must say why: by an error of the functions' own, or of the service that refused a manual action. */
export function assertClear(error: unknown): void {
  if (error === undefined || error instanceof RotationError) return;
  const isOfService = error instanceof SecretsManagerServiceException || error instanceof DatabaseError;
  assert(isOfService, inspect(error));
}
