import type { RootHookObject } from "mocha";
import { writeBundles } from "../../bundle";
import { stopPostgres } from "./postgres";
import { stopStacks } from "./stack";

/**
 * Mocha's root hooks, loaded by .mocharc.json. The bundles are built anew, so that no test, run alone, meets an old
 * one; what the test files share ends with the process's last test.
 */
export const mochaHooks: RootHookObject = {
  async beforeAll() {
    await writeBundles();
  },
  async afterAll() {
    await stopStacks();
    await stopPostgres();
  },
};
