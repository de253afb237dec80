import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The operating system user that runs a program, in node:child_process's format. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);
const candidates = ["postgres", "nobody"];

/**
 * Who runs the server. PostgreSQL refuses to run as root, so root needs another user. Anyone else is already that user,
 * which is `undefined` here.
 *
 * @throws Error when run as root on a machine that has neither of the candidates
 */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of candidates) {
    try {
      return { uid: await readId("-u", name), gid: await readId("-g", name) };
    } catch {
      // No such user, by id(1)'s exit status. The next one may exist.
    }
  }
  throw new Error(`PostgreSQL refuses to run as root, and none of these users exists: ${candidates.join(", ")}`);
}

/** Makes the server's user the owner of a folder and everything in it. */
export async function giveToServerUser(folder: string, user: ServerUser | undefined): Promise<void> {
  if (user) await run("chown", ["-R", `${user.uid}:${user.gid}`, folder]);
}

async function readId(option: "-u" | "-g", name: string): Promise<number> {
  const { stdout } = await run("id", [option, name]);
  return Number(stdout);
}
