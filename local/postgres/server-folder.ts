import { accessSync, chownSync, constants, mkdtempSync, readFileSync, statfsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServerCertificate } from "../certificates";
import { formatPgHbaConf, formatPostgresqlConf, type Settings } from "./configuration";
import type { ServerUser } from "./server-user";

/** Linux's file system in memory. */
const memory = "/dev/shm";

/** What many databases and their write-ahead log take. Docker gives a container 64 MiB by default. */
const neededBytes = 2 ** 31;

/**
 * A new folder. It is in memory where that is possible: a database has 300 files, and to create them takes a fraction
 * of the CPU time there. Else, for root, it is below /tmp, whatever TMPDIR says: the server's user must be able to enter
 * and remove it.
 */
export function createFolder(user: ServerUser | undefined): string {
  const parent = takesServers(memory, neededBytes) ? memory : user ? "/tmp" : tmpdir();
  const folder = mkdtempSync(join(parent, "todo-rotation-postgres-"));
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Whether the folder has room, and takes new files and, for a copy of the server's binaries, programs. */
export function takesServers(folder: string, bytes: number, mountsFile = "/proc/mounts"): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const mounts = readFileSync(mountsFile, "utf8").split("\n");
    const forbidsPrograms = mounts.some((line) => line.split(" ")[1] === folder && /\bnoexec\b/.test(line));
    return bavail * bsize >= bytes && !forbidsPrograms;
  } catch {
    return false; // there is none, or it cannot be examined
  }
}

/**
 * Writes what the server needs, readable only by its owner.
 *
 * @returns the paths, and the authority's certificate itself
 */
export async function writeServerFiles(
  folder: string,
  superuserPassword: string,
  settings: Settings,
  tls: "on" | "off",
) {
  const write = async (name: string, content: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  const { ca, certificate, key } = await createServerCertificate();
  const tlsSettings = {
    ssl: tls,
    ssl_cert_file: await write("server.crt", certificate),
    ssl_key_file: await write("server.key", key),
  };
  return {
    ca,
    caFile: await write("ca.crt", ca),
    passwordFile: await write("superuser-password", superuserPassword),
    configFile: await write("postgresql.conf", formatPostgresqlConf({ ...tlsSettings, ...settings })),
    hbaFile: await write("pg_hba.conf", formatPgHbaConf(tls)),
  };
}
