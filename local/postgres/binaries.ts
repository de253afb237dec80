import { execFile } from "node:child_process";
import { readFile, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { giveToServerUser, type ServerUser } from "./server-user";

export type PostgresVersion = 16 | 17 | 18;

const run = promisify(execFile);

/**
 * Finds the folder with `postgres` and `initdb` of a major version: first the npm package, then PG_BIN_DIR, then
 * Debian's location. The package is copied when it does not run where it is: the server's user may not be allowed to
 * read a checkout below root's 0700 home, and npm 11.19 no longer runs the script that makes the package's library
 * links. node_modules itself is never written to.
 *
 * @param user who must be able to run them
 * @param copy where a copy may be made; nothing exists there yet
 * @throws Error that lists every place looked at, and what was wrong with it
 */
export async function findBinaries(
  version: PostgresVersion,
  user: ServerUser | undefined,
  copy: string,
): Promise<string> {
  const faults: string[] = [];
  const isUsable = async (bin: string): Promise<boolean> => {
    const fault = await findFault(bin, version, user);
    if (fault !== undefined) faults.push(`${bin}: ${fault}`);
    return fault === undefined;
  };

  const native = findPackage(version);
  if (native === undefined) {
    faults.push(`${packageName(version)}: not installed (npm install does, unless optional dependencies are omitted)`);
  } else {
    if (await isUsable(join(native, "bin"))) return join(native, "bin");
    await copyPackage(native, copy);
    await giveToServerUser(copy, user);
    if (await isUsable(join(copy, "bin"))) return join(copy, "bin");
    await rm(copy, { recursive: true });
  }

  const { PG_BIN_DIR } = process.env;
  if (PG_BIN_DIR === undefined) faults.push("PG_BIN_DIR: not set");
  else if (await isUsable(PG_BIN_DIR)) return PG_BIN_DIR;

  const debian = `/usr/lib/postgresql/${version}/bin`;
  if (await isUsable(debian)) return debian;
  throw new Error(
    `found no PostgreSQL ${version} that can be started:\n${faults.map((line) => `- ${line}`).join("\n")}`,
  );
}

function packageName(version: PostgresVersion): string {
  return `@postgresql-${version}/${process.platform}-${process.arch}`;
}

/** The `native` folder (bin, lib, share) of the npm package, or undefined when npm did not install it. */
function findPackage(version: PostgresVersion): string | undefined {
  try {
    return join(dirname(require.resolve(packageName(version))), "..", "native");
  } catch {
    return undefined;
  }
}

/** What prevents `user` from running the binaries of this version in `bin`; undefined when nothing does. */
async function findFault(
  bin: string,
  version: PostgresVersion,
  user: ServerUser | undefined,
): Promise<string | undefined> {
  try {
    // Needs only the right to execute the file and all its libraries, which is the question here.
    const { stdout } = await run(join(bin, "postgres"), ["--version"], { ...user, cwd: "/" });
    const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    return Number(major) === version ? undefined : `is "${stdout.trim()}", not version ${version}`;
  } catch (error) {
    return error instanceof Error ? error.message.trim().replaceAll("\n", ": ") : String(error);
  }
}

/** Copies the package's folder and creates the links that its postinstall script creates. */
async function copyPackage(native: string, copy: string): Promise<void> {
  await run("cp", ["-RP", native, copy]); // a third of the time that fs.cp needs for these thousands of files
  for (const { source, target } of await readLinks(native)) {
    const link = join(copy, "lib", basename(target));
    await rm(link, { force: true });
    await symlink(basename(source), link);
  }
}

/** The links that npm packages cannot hold. Both paths are relative to the package and in the same folder, lib. */
async function readLinks(native: string): Promise<readonly { readonly source: string; readonly target: string }[]> {
  return JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as { source: string; target: string }[];
}
