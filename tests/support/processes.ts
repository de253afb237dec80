import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** The processes that `pid` started, and those that they started. */
export function listDescendants(pid: number): readonly RunningProcess[] {
  const processes = listProcesses();
  const childrenOf = (parent: number): RunningProcess[] =>
    processes.filter((one) => one.parent === parent).flatMap((child) => [child, ...childrenOf(child.pid)]);
  return childrenOf(pid);
}

/** The processes that this one started and that run the bundle's `rotate`, by their ids. */
export function rotationFunctions(): readonly number[] {
  return listDescendants(process.pid)
    .filter(({ command }) => /runtime\.mjs \S+ rotate\b/.test(command))
    .map(({ pid }) => pid);
}

export function isRunning(pid: number): boolean {
  return listProcesses().some((one) => one.pid === pid);
}

/** Waits until a condition holds; fails after ten seconds with the name of the condition. */
export async function waitUntil(condition: () => boolean, what: string): Promise<void> {
  for (let polls = 0; !condition(); polls++) {
    if (polls === 500) throw new Error(`waited in vain until ${what}`);
    await sleep(20);
  }
}

/** Linux has this in /proc, and ps(1) may not be installed. A zombie has no command and does not count as running. */
function listProcesses(): readonly RunningProcess[] {
  if (existsSync("/proc/self/stat")) {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => readProcess(Number(pid)));
  }
  return execFileSync("ps", ["-axo", "pid=,ppid=,command="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .map(([, pid, parent, command = ""]) => ({ pid: Number(pid), parent: Number(parent), command }));
}

function readProcess(pid: number): RunningProcess[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return command === "" ? [] : [{ pid, parent: Number(parent), command }];
  } catch {
    return []; // has ended meanwhile
  }
}
