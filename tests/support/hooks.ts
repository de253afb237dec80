import type { RootHookObject } from "mocha";
import { writeBundles } from "../../bundle";
import { stopApiKeyStacks } from "./api-key-stack";
import { stopOwnPostgres, stopSharedPostgres } from "./postgres";
import { stopStacks } from "./stack";
import { forgetRuns, shareRuns } from "./whole-program";

/** Before the first test, in mocha's own process: rebuilds the bundles, so that no test uses an old one. */
export async function mochaGlobalSetup(): Promise<void> {
  await writeBundles();
  shareRuns();
}

/** After the last test of a file if files run in parallel, else after the very last test. */
export const mochaHooks: RootHookObject = {
  async afterAll() {
    await stopStacks();
    await stopApiKeyStacks();
    await stopOwnPostgres();
  },
};

/**
 * After the last test, in mocha's own process. A worker's servers end with the worker: see
 * local/postgres/supervisor.ts.
 */
export async function mochaGlobalTeardown(): Promise<void> {
  forgetRuns();
  await stopSharedPostgres();
}
