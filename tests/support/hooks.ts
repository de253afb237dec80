import type { RootHookObject } from "mocha";
import { stopSharedPostgres } from "./postgres";

/** Mocha's root hooks, loaded by .mocharc.json: what the test files share ends with the process's last test. */
export const mochaHooks: RootHookObject = { afterAll: stopSharedPostgres };
