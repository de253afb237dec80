import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { listDescendants, isRunning, waitUntil } from "../../support/processes";

const holder = join(__dirname, "../../support/postgres-holder.ts");

describe("a process that never stops its PostgreSQL server", () => {
  let child: ChildProcess;

  /** In a separate process group, so that a signal can go to all of it, as Ctrl-C does. */
  function hold(then: string): void {
    const args = ["--require", join(__dirname, "../../../tsx.cjs"), holder, then];
    child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"], detached: true });
  }

  function killGroup(signal: NodeJS.Signals): void {
    process.kill(-(child.pid ?? NaN), signal);
  }

  afterEach(() => {
    if (child.exitCode === null && child.signalCode === null) killGroup("SIGKILL");
  });

  /** Waits for everything that belongs to the server: its folder, and the processes that must end with the holder. */
  async function findRemains(): Promise<{ readonly folder: string; readonly pids: readonly number[] }> {
    let folder: string | undefined;
    await waitUntil(() => {
      folder = findFolder();
      return folder !== undefined;
    }, "the server has a supervisor");
    return { folder: folder ?? "", pids: listDescendants(child.pid ?? NaN).map(({ pid }) => pid) };
  }

  function findFolder(): string | undefined {
    const commands = listDescendants(child.pid ?? NaN).map(({ command }) => command);
    return commands.map((command) => / supervisor (\S+) /.exec(command)?.[1]).find((folder) => folder !== undefined);
  }

  async function assertGone({ folder, pids }: { folder: string; pids: readonly number[] }): Promise<void> {
    await waitUntil(() => !pids.some(isRunning), "every process is gone");
    await waitUntil(() => !existsSync(folder), "the folder is gone");
  }

  for (const [then, signal] of [
    ["stay", "SIGKILL"],
    ["stay", "SIGINT"],
    ["suspend", "SIGKILL"],
  ] as const) {
    it(`leaves neither process nor folder after ${signal}${then === "suspend" ? " while it is suspended" : ""}`, async () => {
      hold(then);
      await once(child.stdout ?? child, "data");
      const remains = await findRemains();
      assert.ok(existsSync(remains.folder));
      assert.ok(remains.pids.length > 2, "a supervisor, a postmaster and its children");
      killGroup(signal);
      const [, endedBy] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
      assert.equal(endedBy, signal, "the signal does what it does anywhere");
      await assertGone(remains);
    });
  }

  it("leaves neither process nor folder after SIGKILL while the server starts", async () => {
    hold("stay");
    const remains = await findRemains();
    killGroup("SIGKILL");
    await assertGone(remains);
  });

  for (const [then, status] of [
    ["throw", 1],
    ["end", 0],
  ] as const) {
    it(`leaves neither process nor folder when it comes to ${then === "end" ? "its end" : "an uncaught error"}`, async () => {
      hold(then);
      const exited = once(child, "exit");
      const remains = await findRemains();
      assert.deepEqual(await exited, [status, null]);
      await assertGone(remains);
    });
  }
});
