import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { temporaryFolder } from "../support/temporary-folder";
import { runOps } from "../support/ops";
import { isRunning, listDescendants, waitUntil } from "../support/processes";

const demo = ["--require", require.resolve("tsx/cjs"), join(__dirname, "..", "..", "demo", "index.ts")];
const quick = ["--quick", "--port", "0"];

type Figures = Readonly<Record<string, number>> & { readonly clients: readonly Readonly<Record<string, number>>[] };

describe("npm run demo", () => {
  const folder = temporaryFolder(); // where the report is written

  async function runDemo(...args: readonly string[]) {
    const child = spawn(process.execPath, [...demo, ...args], { cwd: folder.path, stdio: ["ignore", "pipe", "pipe"] });
    const closed = once(child, "close") as Promise<[number]>;
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { stdout, stderr, status };
  }

  it("rotates two users with both strategies, serves every request, and prints only one JSON object", async () => {
    const { stdout, stderr, status } = await runDemo("--json", "--users", "2", "--rotations", "2", ...quick);
    const { ok, strategies } = JSON.parse(stdout) as { ok: boolean; strategies: Figures[] };
    assert.deepEqual({ ok, status, stderr }, { ok: true, status: 0, stderr: "" });
    const common = { users: 2, rotations: 4, failedLogins: 0, failedRequests: 0 };
    const expected = [
      { ...common, strategy: "single-user", secretsManagerCallsPerRotation: 10, loginsPerRotation: 2 },
      { ...common, strategy: "alternating-users", secretsManagerCallsPerRotation: 11, loginsPerRotation: 3 },
    ];
    const measured = ["medianRotationMs", "requests", "p50Ms", "p99Ms"];
    for (const [index, { clients, ...figures }] of strategies.entries()) {
      assert.deepEqual(Object.keys(figures).sort(), [...Object.keys(expected[index] ?? {}), ...measured].sort());
      for (const name of measured) assert.ok((figures[name] ?? 0) > 0, name);
      for (const [name, value] of Object.entries(expected[index] ?? {})) assert.equal(figures[name], value, name);
      const [ours, injected, singleRetry] = clients;
      const { requests, failedRequests, p50Ms, p99Ms } = figures;
      assert.deepEqual(ours, { client: "todo-app", requests, failedRequests, p50Ms, p99Ms });
      assert.equal(injected?.client, "injected-credential");
      assert.ok((injected.failedRequests ?? 0) > 0, "the same load does break a credential that was read at start");
      assert.equal(singleRetry?.client, "single-retry");
      assert.ok((singleRetry.requests ?? 0) > 0);
    }
    assert.equal(strategies.length, 2);
  });

  it("rotates an API key, without PostgreSQL, load or report", async () => {
    const { stdout, status } = await runDemo("--strategy", "api-key", "--rotations", "2");
    assert.equal(status, 0);
    const step = String.raw`createSecret \d+ ms  setSecret \d+ ms  testSecret \d+ ms  finishSecret \d+ ms`;
    for (const rotation of ["1/2", "2/2"]) assert.match(stdout, new RegExp(`rotation ${rotation} .*${step}`));
    const proofs = "✔ 10 calls, 2 requests, 0 failed  ✔ new one is taken  ✔ old one is refused  ✔ no secret in any log";
    assert.equal(stdout.split(proofs).length - 1, 2);
    assert.match(stdout, /^Every promise was kept\.$/m);
    assert.doesNotMatch(stdout, /PostgreSQL|under load|demo-report|logs in/);
  });

  it("says which port is taken, and starts nothing", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { stdout, stderr, status } = await runDemo("--port", `${port}`);
    server.close();
    assert.deepEqual({ stdout, status }, { stdout: "", status: 1 });
    assert.ok(stderr.startsWith(`--port: received ${port}, where nobody can listen (EADDRINUSE); accepted is`), stderr);
  });

  it("shows each step, each proof and each client without colour, draws a picture, and names commands that work", async () => {
    const args = [...demo, "--strategy", "alternating-users", "--rotations", "2", "--keep", ...quick];
    const child = spawn(process.execPath, args, { cwd: folder.path, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const output = await printed(child.stdout, "Ctrl-C ends it.");
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
    } finally {
      child.kill("SIGINT");
      await once(child, "exit");
    }
  });

  describe("ended early", () => {
    let child: ChildProcessByStdio<null, Readable, Readable> | undefined;

    afterEach(() => {
      if (child?.exitCode === null) child.kill("SIGTERM"); // what a failed test left running
    });

    const pressCtrlC = (pid: number) => {
      process.kill(-pid, "SIGINT"); // a terminal signals every process that it runs
      process.kill(pid, "SIGINT"); // and npm passes it on
    };
    const kill = (pid: number) => process.kill(pid, "SIGKILL");
    for (const [how, end, when, sign, rotations, exit] of [
      ["by Ctrl-C", pressCtrlC, "between two rotations", "rotation 3/100", "100", [130, null]],
      ["by Ctrl-C", pressCtrlC, "under load", "before", "1", [130, null]],
      ["by Ctrl-C", pressCtrlC, "with the page left open", "Ctrl-C ends it.", "1", [130, null]],
      ["by SIGKILL", kill, "under load", "before", "1", [null, "SIGKILL"]],
    ] as const) {
      it(`leaves neither process nor folder, ended ${how} ${when}`, async () => {
        const args = [...demo, "--strategy", "single-user", "--rotations", rotations, "--keep", ...quick];
        child = spawn(process.execPath, args, {
          cwd: folder.path,
          detached: true,
          stdio: ["ignore", "pipe", "pipe"],
        });
        const { pid = 0, stdout } = child;
        const stderr = text(child.stderr);
        const exited = once(child, "exit");
        await printed(stdout, sign);
        const descendants = listDescendants(pid);
        const folders = descendants.flatMap(({ command }) => /\S*todo-rotation-postgres-\w+/.exec(command) ?? []);
        assert.ok(folders.length > 0 && folders.every((one) => existsSync(one)));
        end(pid);
        assert.deepEqual(await exited, exit);
        await waitUntil(() => !descendants.some((one) => isRunning(one.pid)), "every process has ended");
        await waitUntil(() => !folders.some((one) => existsSync(one)), "every folder is gone");
        assert.equal(await stderr, "");
      });
    }
  });
});

/** What two rotations with alternating users print and draw. */
function assertShown(output: string, report: string): void {
  const step = String.raw`createSecret \d+ ms  setSecret \d+ ms  testSecret \d+ ms  finishSecret \d+ ms`;
  for (const rotation of ["1/2", "2/2"]) {
    assert.match(output, new RegExp(`rotation ${rotation} .*${step}`));
    assert.match(output, new RegExp(`rotation ${rotation} +\\d+ ms( +\\d+){2} +\\d+ ms`));
  }
  const proofs = "✔ 11 calls, 3 logins, 0 failed  ✔ new one logs in  ✔ old one logs in  ✔ no secret in any log";
  assert.equal(output.split(proofs).length - 1, 2);
  const [, requests] = /todo-app +0 of (\d+)\n/.exec(output) ?? [];
  assert.ok(Number(requests) > 0);
  assert.match(output, /^Every promise was kept\.$/m);
  for (const control of ["\u001b", "\r"]) assert.ok(!output.includes(control));
  assert.ok(!output.includes("single-user"));
  assert.ok(report.includes(`2 rotations, 0 of ${Number(requests).toLocaleString("en-US")} requests failed`));
  assert.equal(report.match(/class="rotation-number"/g)?.length, 2 * 3);
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
