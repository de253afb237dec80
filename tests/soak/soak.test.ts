import assert from "node:assert/strict";
import { parseSoakArguments } from "./arguments";
import { Memory } from "./memory";
import { complaintsOf, formatReport, type SoakReport } from "./report";
import { parseFailure, Requests } from "./requests";
import { type FaultKind, scheduleFaults, scheduleRotations } from "./schedule";

const at = Date.parse("2026-01-01T00:00:10.000Z");

function failureLine(received: string, atMs = at): string {
  const time = new Date(atMs).toISOString();
  return JSON.stringify({ level: 50, time, errorType: "DatabaseUnavailableError", received, msg: "no answer" });
}

interface Run {
  /** Lines of the service's log, one for each failed request. */
  readonly failed?: readonly string[];
  readonly fault?: FaultKind;
  readonly changes?: Partial<SoakReport>;
}

function sampleOf(megabytes: number) {
  return { usedBytes: megabytes * 1024 * 1024, residentBytes: 200 * 1024 * 1024 };
}

/** A run in which nothing else went wrong. */
function report({ failed = [], fault = "PostgreSQL restarts", changes = {} }: Run = {}): SoakReport {
  const requests = new Requests();
  requests.note([{ atMs: at, succeeded: true, latencyMs: 1 }]);
  requests.note(failed.map(() => ({ atMs: at, succeeded: false, latencyMs: 1 })));
  requests.failures.push(...failed.flatMap((line) => parseFailure(line) ?? []));
  const memory = new Memory("the service");
  for (const megabytes of [20, 22, 19, 25, 21, 24]) memory.note(sampleOf(megabytes));
  return {
    subjects: [
      { strategy: "single-user", requests, rotations: 2, healed: 1, stepErrors: ["setSecret: E"], complaints: [] },
    ],
    faults: [{ kind: fault, startMs: at - 1_000, endMs: at - 500 }],
    memories: [memory],
    connections: { start: 0, most: 12, end: 10, functionsAtEnd: 0 },
    looks: 3,
    ...changes,
  };
}

describe("npm run soak", () => {
  it("has the same faults for the same seed, and others for another", () => {
    const rotations = Object.values(scheduleRotations(12, 600_000))
      .flat()
      .sort((one, other) => one - other);
    const faults = scheduleFaults(1, 600_000, rotations);
    assert.deepEqual(scheduleFaults(1, 600_000, rotations), faults);
    assert.notDeepEqual(scheduleFaults(2, 600_000, rotations), faults);
    assert(faults.length > 60);
    assert.equal(new Set(faults.map(({ fault }) => fault.kind)).size, 11, "every kind of fault");
    assert(faults.every(({ atMs }, index) => atMs >= (faults[index - 1]?.atMs ?? 0) && atMs < 600_000));
  });

  it("rotates the two secrets in turn", () => {
    assert.deepEqual(scheduleRotations(4, 60_000), {
      "single-user": [0, 30_000],
      "alternating-users": [15_000, 45_000],
    });
  });

  it("reads its options, and says what is wrong with one", () => {
    assert.deepEqual(parseSoakArguments([]), { minutes: 1, rotationsPerMinute: 12, seed: 1 });
    assert.deepEqual(parseSoakArguments(["--minutes", "20", "--rotations-per-minute", "6", "--seed", "7"]), {
      ...{ minutes: 20, rotationsPerMinute: 6, seed: 7 },
    });
    assert.throws(() => parseSoakArguments(["--minutes", "0"]), /--minutes: received "0"; accepted is a whole number/);
    assert.throws(() => parseSoakArguments(["--minute", "1"]), /--minute/);
  });

  it("accepts a run in which only cut requests failed, and shows them by cause", () => {
    const kept = report({ failed: [failureLine("SQLSTATE 57P01"), failureLine("a closed connection")] });
    assert.deepEqual(complaintsOf(kept), []);
    const text = formatReport(kept);
    assert.match(text, /1 answered, 2 failed\n +1 DatabaseUnavailableError \(SQLSTATE 57P01\)/);
    assert.match(text, /2 succeeded, 1 of them by a later try/);
    assert.match(text, /Every promise was kept/);
  });

  const broken: Readonly<Record<string, readonly [SoakReport, RegExp]>> = {
    "a request that failed for another reason": [report({ failed: [failureLine("SQLSTATE 28P01")] }), /cut by nothing/],
    "a request that was cut when nothing cut it": [
      report({ failed: [failureLine("SQLSTATE 57P01", at + 60_000)] }),
      /cut by nothing/,
    ],
    "a cut that the fault does not explain": [
      report({ failed: [failureLine("SQLSTATE 57P01")], fault: "Secrets Manager is down" }),
      /cut by nothing/,
    ],
    "a failed request that the service does not know of": [
      report({ failed: [JSON.stringify({ level: 30, msg: "answered" })] }),
      /1 requests failed, and the service knows of 0/,
    ],
    "sessions that are left": [
      report({ changes: { connections: { start: 0, most: 20, end: 11, functionsAtEnd: 1 } } }),
      /11 sessions; accepted is 10[\s\S]*left 1 sessions open/,
    ],
    "a run that looked at nothing": [report({ changes: { looks: 0 } }), /nobody ever looked/],
    "a run without requests": [
      report({ changes: { subjects: report().subjects.map((one) => ({ ...one, requests: new Requests() })) } }),
      /no request was answered/,
    ],
  };
  for (const [what, [run, expected]] of Object.entries(broken)) {
    it(`complains about ${what}`, () => {
      assert.match(complaintsOf(run).join("\n"), expected);
      assert.match(formatReport(run), /Broken: /);
    });
  }

  it("complains about memory growth, by its minimum, and about memory that was not measured", () => {
    const growing = new Memory("the service");
    for (let megabytes = 20; megabytes < 50; megabytes++) {
      growing.noteLine(JSON.stringify({ memory: sampleOf(megabytes) }));
      growing.noteLine('{"level":30,"msg":"answered"}');
    }
    assert.match(growing.complaint() ?? "", /uses 40 MB, 20 at the start; accepted is 6 MB more/);
    const noisy = new Memory("the service");
    for (const megabytes of [20, 80, 21, 70, 19, 90]) noisy.note(sampleOf(megabytes));
    assert.equal(noisy.complaint(), undefined);
    assert.match(new Memory("the service").complaint() ?? "", /its memory was not measured/);
  });
});
