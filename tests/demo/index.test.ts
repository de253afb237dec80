import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "../support/temporary-folder";
import { root } from "../support/whole-program";
import { runOps } from "../support/ops";
import { isRunning, listDescendants, waitUntil } from "../support/processes";

const demo = ["--require", join(root, "tsx.cjs"), join(root, "demo", "index.ts")];
const quick = ["--quick", "--port", "0"];
const step = String.raw`createSecret \d+ ms  setSecret \d+ ms  testSecret \d+ ms  finishSecret \d+ ms`;

type Figures = Readonly<Record<string, number>> & { readonly clients: readonly Readonly<Record<string, number>>[] };
type Demo = ChildProcessByStdio<null, Readable, Readable>;

/** How the demo is ended, and its exit status and signal then. */
interface End {
  readonly end: (pid: number) => void;
  readonly exit: readonly [number | null, string | null];
}

const ctrlC: End = {
  end(pid) {
    process.kill(-pid, "SIGINT"); // a terminal signals every process that it runs
    process.kill(pid, "SIGINT"); // and npm passes it on
  },
  exit: [130, null],
};
const kill: End = { end: (pid) => process.kill(pid, "SIGKILL"), exit: [null, "SIGKILL"] };

describe("npm run demo", () => {
  const folder = temporaryFolder(); // where the report is written
  let child: Demo | undefined;

  /** In a process group of its own, as in a terminal. */
  function start(...args: readonly string[]): Demo {
    const options = { cwd: folder.path, detached: true } as const;
    return (child = spawn(process.execPath, [...demo, ...args], { ...options, stdio: ["ignore", "pipe", "pipe"] }));
  }

  afterEach(() => {
    if (child?.exitCode === null) child.kill("SIGTERM"); // what a failed test left running
  });

  async function runDemo(...args: readonly string[]) {
    const running = start(...args);
    const closed = once(running, "close") as Promise<[number]>;
    const [stdout, stderr, [status]] = await Promise.all([text(running.stdout), text(running.stderr), closed]);
    return { stdout, stderr, status };
  }

  /** Ends the demo, which must leave neither process nor folder. */
  async function assertNothingLeft(running: Demo, { end, exit }: End): Promise<void> {
    const { pid = 0 } = running;
    const stderr = text(running.stderr);
    const descendants = listDescendants(pid);
    const found = descendants.flatMap(({ command }) => /\S*todo-rotation-postgres-\w+/.exec(command) ?? []);
    const folders = [...new Set(found)].filter((one) => existsSync(one));
    assert.equal(folders.length, 1);
    const exited = once(running, "exit");
    end(pid);
    assert.deepEqual(await exited, exit);
    await waitUntil(() => !descendants.some((one) => isRunning(one.pid)), "every process has ended");
    await waitUntil(() => !folders.some((one) => existsSync(one)), "every folder is gone");
    assert.equal(await stderr, "");
  }

  it("rotates two users, serves every request, and prints only one JSON object", async () => {
    const args = ["--json", "--strategy", "single-user", "--users", "2", "--rotations", "1", ...quick];
    const { stdout, stderr, status } = await runDemo(...args);
    const { ok, strategies } = JSON.parse(stdout) as { ok: boolean; strategies: [Figures] };
    assert.deepEqual({ ok, status, stderr, count: strategies.length }, { ok: true, status: 0, stderr: "", count: 1 });
    const expected = {
      ...{ strategy: "single-user", users: 2, rotations: 2, secretsManagerCallsPerRotation: 10, loginsPerRotation: 2 },
      ...{ failedLogins: 0, failedRequests: 0 },
    };
    const { clients, medianRotationMs, requests, p50Ms, p99Ms, ...others } = strategies[0];
    assert.deepEqual(others, expected);
    for (const measured of [medianRotationMs, requests, p50Ms, p99Ms]) assert.ok(Number(measured) > 0);
    const [ours, injected, singleRetry] = clients;
    assert.deepEqual(ours, { client: "todo-app", requests, failedRequests: 0, p50Ms, p99Ms });
    assert.equal(injected?.client, "injected-credential");
    assert.ok((injected.failedRequests ?? 0) > 0, "the same load does break a credential that was read at start");
    assert.equal(singleRetry?.client, "single-retry");
    assert.ok((singleRetry.requests ?? 0) > 0);
  });

  it("says which port is taken, and starts nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { stdout, stderr, status } = await runDemo("--port", `${port}`);
    server.close();
    assert.deepEqual({ stdout, status }, { stdout: "", status: 1 });
    assert.ok(stderr.startsWith(`--port: received ${port}, which cannot be used (EADDRINUSE); accepted is`), stderr);
  });

  it("shows each step, each proof and each client without colour, draws a picture, names commands that work, and leaves nothing after Ctrl-C", async () => {
    const running = start("--rotations", "2", "--keep", ...quick);
    const output = await printed(running.stdout, "Ctrl-C ends it.");
    assertShown(output, readFileSync(join(folder.path, "demo-report.html"), "utf8"));
    const commands = [...output.matchAll(/npm run ops -- (\w+) (.*)/g)].map(([, name = "", options = ""]) => [
      name,
      ...options.split(" "),
    ]);
    assert.deepEqual(
      commands.map(([name]) => name),
      ["status", "rotate", "watch", "repair"],
    );
    const [status = [], rotate = []] = commands;
    assert.match((await runOps(status)).stdout, /AWSCURRENT/);
    // The demo's own rotation may be running at this moment: then the command says so.
    const { exitCode, stdout, stderr } = await runOps(rotate);
    assert(exitCode === 0 || (exitCode === 5 && stderr.includes("under way")), stdout + stderr);
    await assertNothingLeft(running, ctrlC);
  });

  for (const [how, end] of [
    ["Ctrl-C", ctrlC],
    ["SIGKILL", kill],
  ] as const) {
    it(`leaves neither process nor folder, ended by ${how} under load`, async () => {
      const running = start("--strategy", "single-user", "--rotations", "1", ...quick);
      await printed(running.stdout, "before");
      await assertNothingLeft(running, end);
    });
  }
});

/** What two rotations with each strategy print and draw. */
function assertShown(output: string, report: string): void {
  const [singleUser, alternatingUsers] = output.split(/^alternating-users:/m);
  for (const [shown, cost, oldCredential] of [
    [singleUser, "10 calls, 2 logins", "old one is refused"],
    [alternatingUsers, "11 calls, 3 logins", "old one logs in"],
  ] as const) {
    for (const rotation of ["1/2", "2/2"]) {
      assert.match(shown ?? "", new RegExp(`rotation ${rotation} .*${step}`));
      assert.match(shown ?? "", new RegExp(`rotation ${rotation} +\\d+ ms( +\\d+){2} +\\d+ ms`));
    }
    const proofs = `✔ ${cost}, 0 failed  ✔ new one logs in  ✔ ${oldCredential}  ✔ no secret in any log`;
    assert.equal((shown ?? "").split(proofs).length - 1, 2);
  }
  assert.match(output, /^Secrets Manager calls a rotation +10 +11$/m);
  assert.match(output, /^logins a rotation +2 +3$/m);
  const [, ...served] = /todo-app +0 of (\d+) +0 of (\d+)\n/.exec(output) ?? [];
  assert.ok(served.length === 2 && served.every((requests) => Number(requests) > 0));
  const requests = served.reduce((sum, count) => sum + Number(count), 0);
  assert.match(output, /injected-credential +[1-9]\d* of \d+ +[1-9]\d* of \d+\n/);
  assert.match(output, /^Every promise was kept\.$/m);
  for (const control of ["\u001b", "\r"]) assert.ok(!output.includes(control));
  assert.ok(report.includes(`4 rotations, 0 of ${requests.toLocaleString("en-US")} requests failed`));
  assert.equal(report.match(/class="rotation-number"/g)?.length, 2 * 2 * 3);
  assert.match(report, /class="failed"[^]*class="failed"/);
  assert.ok(!/(?:src|href)=|url\((?!#)/.test(report), "the report needs no other file");
}

/** Resolves with what was printed as soon as the text appears; later output is read and dropped. */
async function printed(stream: Readable, sign: string): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk) => {
      output += String(chunk);
      if (output.includes(sign)) resolve(output);
    });
    stream.once("end", () => {
      reject(new Error(`"${sign}" was never printed:\n${output}`));
    });
  });
}
