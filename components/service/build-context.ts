import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { dirname, join } from "node:path";

export interface BuildContext {
  /** A folder with the files that go into the build, and no others. */
  readonly folder: string;
  /** SHA-256 of those files' names and contents, in hex. */
  readonly hash: string;
}

/**
 * Copies an image's sources into a folder of their own, every file readable by all and none executable. A checkout's
 * permissions follow the umask of the user who made it; docker-build compares them, and they end up in the image, where
 * the service could not read its own page.
 *
 * @param root the folder that the Dockerfile's paths start from
 * @param dockerfile below `root`; the ignore file next to it says what goes in
 * @param copies where the copies are kept, each under its hash, so that none is changed while it is read
 * @throws Error when the ignore file is more than a list of what goes in, or names what does not exist
 */
export function copyBuildContext(root: string, dockerfile: string, copies: string): BuildContext {
  const files = readSources(`${join(root, dockerfile)}.dockerignore`)
    .flatMap((source) => listFiles(root, source))
    .sort()
    .map((name) => ({ name, contents: fs.readFileSync(join(root, name)) }));
  const hash = createHash("sha256");
  for (const { name, contents } of files) hash.update(`${name}\0${contents.length}\0`).update(contents);
  const digest = hash.digest("hex");
  const folder = join(copies, digest);
  if (!fs.existsSync(folder)) {
    const unfinished = `${folder}.${process.pid}`;
    for (const { name, contents } of files) {
      fs.mkdirSync(dirname(join(unfinished, name)), { recursive: true });
      fs.writeFileSync(join(unfinished, name), contents);
    }
    openToAll(unfinished);
    rename(unfinished, folder);
  }
  return { folder, hash: digest };
}

/** The ignore file must be `*` followed by lines of `!path`, so that Docker and this program read it the same way. */
function readSources(ignoreFile: string): string[] {
  const lines = fs
    .readFileSync(ignoreFile, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [first = "", ...others] = lines;
  const wrong = first === "*" ? others.find((line) => !/^![\w./-]+$/.test(line)) : first;
  if (wrong !== undefined) throw new Error(`${ignoreFile}: received "${wrong}", accepted is * and then lines of !path`);
  return others.map((line) => line.slice(1));
}

function listFiles(root: string, path: string): string[] {
  if (!fs.statSync(join(root, path)).isDirectory()) return [path];
  return fs.readdirSync(join(root, path)).flatMap((entry) => listFiles(root, `${path}/${entry}`));
}

/** Regardless of the umask. */
function openToAll(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    fs.chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

/** Another process may have been faster with the same files. */
function rename(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (!fs.existsSync(to)) throw error;
    fs.rmSync(from, { recursive: true });
  }
}
