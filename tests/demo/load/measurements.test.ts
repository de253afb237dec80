import assert from "node:assert/strict";
import { bucketsOf, figuresOfSamples } from "../../../demo/load/measurements";

describe("the figures of a load", () => {
  const sample = (atMs: number, latencyMs: number, succeeded = true) => ({ atMs, latencyMs, succeeded });

  it("counts requests and failures, and takes percentiles of the successful ones", () => {
    const succeeded = Array.from({ length: 200 }, (_, index) => sample(index, 200 - index));
    assert.deepEqual(figuresOfSamples([...succeeded, sample(7, 10_000, false)]), {
      requests: 201,
      failedRequests: 1,
      p50Ms: 100,
      p99Ms: 198,
    });
  });

  it("has no latency if nothing succeeded", () => {
    const figures = figuresOfSamples([sample(1, 5, false)]);
    assert.deepEqual(figures, { requests: 1, failedRequests: 1, p50Ms: 0, p99Ms: 0 });
  });

  it("sorts requests into time intervals, and leaves out those before and after", () => {
    const samples = [sample(99, 1), sample(100, 1), sample(149, 1, false), sample(150, 1), sample(250, 1)];
    assert.deepEqual(bucketsOf(samples, 100, 250, 50), [
      { succeeded: 1, failed: 1 },
      { succeeded: 1, failed: 0 },
      { succeeded: 0, failed: 0 },
    ]);
  });
});
