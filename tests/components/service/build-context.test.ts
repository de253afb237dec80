import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { copyBuildContext } from "../../../components/service/build-context";
import { temporaryFolder } from "../../support/temporary-folder";

const dockerfile = "app/Dockerfile";
const ignoreFile = `${dockerfile}.dockerignore`;
const page = "app/public/index.html";
const folder = temporaryFolder();
let root: string;

beforeEach(() => {
  root = fs.mkdtempSync(join(folder.path, "sources-"));
  write(dockerfile, "FROM scratch\n");
  write(ignoreFile, "# what goes in\n*\n!app\n!package.json\n");
  write(page, "<p>hello</p>");
  write("package.json", "{}");
});

function write(file: string, contents: string): void {
  fs.mkdirSync(join(root, file, ".."), { recursive: true });
  fs.writeFileSync(join(root, file), contents);
}

const copy = () => copyBuildContext(root, dockerfile, join(root, "dist/copies"));

/** Path → permissions, of everything in a folder. */
function modes(folder: string): Record<string, number> {
  const paths = ["", ...(fs.readdirSync(folder, { recursive: true }) as string[])];
  return Object.fromEntries(paths.sort().map((path) => [path, fs.statSync(join(folder, path)).mode & 0o777]));
}

describe("copyBuildContext", () => {
  it("copies only what the ignore file lets through", () => {
    write("notes.txt", "not part of the image");
    const { folder: copied, hash } = copy();
    assert.equal(copied, join(root, "dist/copies", hash));
    assert.deepEqual(Object.keys(modes(copied)), [
      ...["", "app", dockerfile, ignoreFile, "app/public", page],
      "package.json",
    ]);
    assert.equal(fs.readFileSync(join(copied, page), "utf8"), "<p>hello</p>");
  });

  for (const file of [dockerfile, ignoreFile, page, "package.json"]) {
    it(`has another hash with another byte in ${file}`, () => {
      const { hash } = copy();
      fs.appendFileSync(join(root, file), "\n");
      assert.notEqual(copy().hash, hash);
    });
  }

  it("has another hash with a new file, and with the same bytes under another name or in another place", () => {
    const hashes = [copy().hash];
    write("app/a.ts", "x");
    hashes.push(copy().hash);
    fs.renameSync(join(root, "app/a.ts"), join(root, "app/b.ts"));
    hashes.push(copy().hash);
    fs.renameSync(join(root, "app/b.ts"), join(root, "app/public/b.ts"));
    hashes.push(copy().hash);
    assert.equal(new Set(hashes).size, 4);
  });

  it("has another hash if a file's end looks like the next file", () => {
    write("app/a.ts", "1");
    write("app/b.ts", "2");
    const { hash } = copy();
    fs.rmSync(join(root, "app/b.ts"));
    write("app/a.ts", "1app/b.ts\x002");
    assert.notEqual(copy().hash, hash);
  });

  it("has the same hash and permissions for any umask, dates and order of the files", () => {
    const { hash, folder: copied } = copy();
    const before = modes(copied);
    const elsewhere = fs.mkdtempSync(join(folder.path, "elsewhere-"));
    const umask = process.umask(0o077);
    try {
      for (const file of ["package.json", page, ignoreFile, dockerfile]) {
        fs.mkdirSync(join(elsewhere, file, ".."), { recursive: true });
        fs.copyFileSync(join(root, file), join(elsewhere, file));
        fs.chmodSync(join(elsewhere, file), 0o700);
        fs.utimesSync(join(elsewhere, file), 0, 0);
      }
      const other = copyBuildContext(elsewhere, dockerfile, join(elsewhere, "copies"));
      assert.equal(other.hash, hash);
      assert.deepEqual(modes(other.folder), before);
      assert.deepEqual([before[""], before.app, before[page]], [0o755, 0o755, 0o644]);
    } finally {
      process.umask(umask);
    }
  });

  it("leaves an existing copy as it is, because another process may be reading it", () => {
    const { folder: copied } = copy();
    const { ino } = fs.statSync(copied);
    copy();
    assert.equal(fs.statSync(copied).ino, ino);
    assert.equal(fs.readdirSync(join(root, "dist/copies")).length, 1, "nothing unfinished is left");
  });

  it("refuses an ignore file that does more than list what goes in", () => {
    for (const [text, received] of [
      ["node_modules\n", "node_modules"],
      ["", ""],
      ["*\n!app\napp/secret.txt\n", "app/secret.txt"],
      ["*\n!app/*.ts\n", "!app/*.ts"],
    ] as const) {
      write(ignoreFile, text);
      assert.throws(copy, {
        message: `${join(root, ignoreFile)}: received "${received}", accepted is * and then lines of !path`,
      });
    }
  });

  it("refuses an ignore file that names missing files", () => {
    fs.appendFileSync(join(root, ignoreFile), "!absent\n");
    assert.throws(copy, /ENOENT.*absent/);
  });
});
