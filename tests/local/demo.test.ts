import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { isRunning, listDescendants, waitUntil } from "../support/processes";

const root = join(__dirname, "..", "..");
const demo = ["--require", "tsx/cjs", join("local", "demo.ts")];

async function run(command: string, args: readonly string[]) {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const closed = once(child, "close") as Promise<[number]>;
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { stdout, stderr, status };
}

const runDemo = (...args: readonly string[]) => run(process.execPath, [...demo, ...args]);

describe("npm run demo", () => {
  it("rotates with both strategies and prints one JSON object and nothing else", async () => {
    const { stdout, stderr, status } = await runDemo("--json", "--rotations", "3");
    const { ok, strategies } = JSON.parse(stdout) as { ok: boolean; strategies: Record<string, unknown>[] };
    for (const figures of strategies) {
      const { medianRotationMs } = figures;
      assert.ok(typeof medianRotationMs === "number" && medianRotationMs > 0);
      delete figures.medianRotationMs;
    }
    const common = { rotations: 3, failedLogins: 0 };
    assert.deepEqual(
      { ok, strategies, status, stderr },
      {
        ok: true,
        strategies: [
          { ...common, strategy: "single-user", secretsManagerCallsPerRotation: 10, loginsPerRotation: 2 },
          { ...common, strategy: "alternating-users", secretsManagerCallsPerRotation: 11, loginsPerRotation: 3 },
        ],
        status: 0,
        stderr: "",
      },
    );
  });

  it("shows each step and each proof, without colour where nobody looks", async () => {
    const { stdout, status } = await run("npm", [
      ...["run", "--silent", "demo", "--"],
      ...["--strategy", "alternating-users", "--rotations", "2"],
    ]);
    assert.equal(status, 0);
    const step = String.raw`createSecret \d+ ms  setSecret \d+ ms  testSecret \d+ ms  finishSecret \d+ ms`;
    for (const rotation of ["1/2", "2/2"]) assert.match(stdout, new RegExp(`rotation ${rotation} .*${step}`));
    const proofs = "✔ 11 calls, 3 logins, 0 failed  ✔ new one logs in  ✔ old one logs in  ✔ no secret in any log";
    assert.equal(stdout.split(proofs).length - 1, 2);
    assert.match(stdout, /^Every promise was kept\.$/m);
    assert.ok(!stdout.includes("\u001b"));
    assert.ok(!stdout.includes("single-user"));
  });

  for (const [args, message] of [
    [["--strategy", "both-users"], '--strategy: received "both-users"; accepted is single-user, alternating-users or'],
    [["--rotations", "0"], '--rotations: received "0"; accepted is a whole number from 1 to 100'],
    [["--rotations", "1e1"], '--rotations: received "1e1"'],
    [["--verbose"], "Unknown option '--verbose'"],
    [["now"], "Unexpected argument 'now'"],
  ] as const) {
    it(`refuses ${args.join(" ")} with status 2 and starts nothing`, async () => {
      const { stdout, stderr, status } = await runDemo(...args);
      assert.deepEqual({ stdout, status }, { stdout: "", status: 2 });
      assert.ok(stderr.startsWith(message), stderr);
    });
  }

  it("tells its options with --help", async () => {
    const { stdout, stderr, status } = await runDemo("--help");
    assert.deepEqual({ stderr, status }, { stderr: "", status: 0 });
    for (const option of ["--strategy", "--rotations", "--json", "--help"]) assert.ok(stdout.includes(option));
  });

  it("leaves neither process nor folder when Ctrl-C is pressed", async () => {
    const child = spawn(process.execPath, [...demo, "--rotations", "100"], {
      cwd: root,
      detached: true,
      stdio: "pipe",
    });
    const { pid } = child;
    assert.ok(pid !== undefined);
    let stdout = "";
    child.stdout.on("data", (chunk) => (stdout += String(chunk)));
    const stderr = text(child.stderr);
    const exited = once(child, "exit");
    await waitUntil(() => stdout.includes("rotation 3/100"), "the third rotation has begun");
    const descendants = listDescendants(pid);
    const folders = descendants.flatMap(({ command }) => /\S*todo-rotation-postgres-\w+/.exec(command) ?? []);
    assert.ok(folders.length > 0 && folders.every((folder) => existsSync(folder)));
    process.kill(-pid, "SIGINT"); // a terminal signals all that it runs
    process.kill(pid, "SIGINT"); // and npm hands it on
    assert.deepEqual(await exited, [130, null]);
    assert.deepEqual(
      descendants.filter((one) => isRunning(one.pid)),
      [],
    );
    assert.deepEqual(
      folders.filter((folder) => existsSync(folder)),
      [],
    );
    assert.equal(await stderr, "");
  });
});
