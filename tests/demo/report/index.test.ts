import assert from "node:assert/strict";
import type { LoadReport } from "../../../demo/load-run";
import type { Sample } from "../../../demo/load/load";
import { PromiseKeeper, promisesOf } from "../../../demo/promises";
import { formatJson, type StrategyReport } from "../../../demo/report";

/** One request for each latency; a request without one failed. */
const samplesOf = (...latencies: readonly (number | undefined)[]): Sample[] =>
  latencies.map((latencyMs) => ({ atMs: 0, succeeded: latencyMs !== undefined, latencyMs: latencyMs ?? 10_000 }));

const load: LoadReport = {
  ...{ startMs: 0, endMs: 1, rotations: [], error: undefined },
  samples: {
    "todo-app": samplesOf(1, 2, 3),
    "injected-credential": samplesOf(4, undefined),
    "single-retry": samplesOf(undefined),
  },
};

/** Two users' rotations, with every promise kept. */
function reportOf(changes: Partial<StrategyReport> = {}): StrategyReport {
  const promises = new PromiseKeeper("single-user");
  for (const name of promisesOf["single-user"]) promises.check(name, true, "");
  return {
    ...{ strategy: "single-user", users: 2, promises, load, search: { secrets: 9, logs: 7 } },
    rotations: [
      { durationMs: 100, secretsManagerCalls: 10, logins: 2, failedLogins: 0 },
      { durationMs: 201, secretsManagerCalls: 11, logins: 3, failedLogins: 1 },
    ],
    ...changes,
  };
}

describe("the demo's --json", () => {
  it("has the figures of every strategy, of its rotations and of each client under load", () => {
    const ofRotations = {
      ...{ strategy: "single-user", users: 2, rotations: 2, secretsManagerCallsPerRotation: 11, loginsPerRotation: 3 },
      ...{ failedLogins: 1, medianRotationMs: 151 },
    };
    const ours = { requests: 3, failedRequests: 0, p50Ms: 2, p99Ms: 3 };
    const clients = [
      { client: "todo-app", ...ours },
      { client: "injected-credential", requests: 2, failedRequests: 1, p50Ms: 4, p99Ms: 4 },
      { client: "single-retry", requests: 1, failedRequests: 1, p50Ms: 0, p99Ms: 0 },
    ];
    const text = formatJson([reportOf(), reportOf({ load: undefined })]);
    assert.match(text, /^.*\n$/); // one line
    assert.deepEqual(JSON.parse(text), {
      ok: true,
      strategies: [
        { ...ofRotations, ...ours, clients },
        { ...ofRotations, clients: [] },
      ],
    });
  });

  it("is not ok when one strategy has broken a promise, or has not tried one", () => {
    const broken = new PromiseKeeper("single-user");
    for (const name of promisesOf["single-user"]) broken.check(name, name !== "nothingLeaks", "on purpose");
    for (const promises of [broken, new PromiseKeeper("single-user")]) {
      const { ok } = JSON.parse(formatJson([reportOf(), reportOf({ promises })])) as { ok: boolean };
      assert.equal(ok, false);
    }
  });
});
