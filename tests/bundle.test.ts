import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle, type BundleName, bundles, writeBundles } from "../bundle";
import { temporaryFolder } from "./support/temporary-folder";
import { root } from "./support/whole-program";

describe("the bundles", () => {
  const folder = temporaryFolder();
  const names = Object.keys(bundles) as BundleName[];
  let contents: Readonly<Record<BundleName, Buffer>>;

  before(async () => {
    const bundled = names.map(async (name) => [name, Buffer.from(await bundle(name))] as const);
    contents = Object.fromEntries(await Promise.all(bundled)) as Record<BundleName, Buffer>;
  });

  it("are what `npm run build` writes", async () => {
    for (const { outputFile, bytes } of await writeBundles()) {
      const written = readFileSync(join(root, outputFile));
      const name = names.find((key) => bundles[key].outputFile === outputFile);
      assert(name !== undefined && written.equals(contents[name]));
      assert.equal(written.length, bytes);
    }
  });

  it("are the same bytes from another folder, home and working directory", () => {
    const checkout = join(folder.path, "some where else");
    for (const source of [
      "bundle.ts",
      "contract",
      "credential-pool",
      "rotation-fn",
      "todo-app",
      "package.json",
      "tsconfig.json",
    ]) {
      cpSync(join(root, source), join(checkout, source), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
    const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
    const env = { PATH: process.env.PATH, HOME: folder.path, TZ: "Asia/Tokyo", LANG: "tr_TR.UTF-8" };
    const build = [tsx, join(checkout, "bundle.ts"), "rotation-fn", "todo-app"];
    execFileSync(process.execPath, build, { cwd: folder.path, env });
    for (const name of names) {
      const { outputFile } = bundles[name];
      assert(readFileSync(join(checkout, outputFile)).equals(contents[name]), outputFile);
    }
  });

  it("carry nothing of Pulumi, and no path of this machine", () => {
    for (const name of names) {
      const text = contents[name].toString();
      assert(!text.includes(root), name);
      assert(!/pulumi/i.test(text), name);
    }
  });

  it("stay small: what Lambda loads at a cold start, in bytes as they are and gzipped", () => {
    const code = contents["rotation-fn"];
    assert(code.length <= 330_000, `${code.length} bytes`);
    assert(gzipSync(code).length <= 110_000, `${gzipSync(code).length} bytes gzipped`);
  });

  it("export the functions that Lambda calls, and nothing else", () => {
    const script = `import(${JSON.stringify(pathToFileURL(join(root, bundles["rotation-fn"].outputFile)))})
      .then((exports) => console.log(Object.keys(exports).sort().join()))`;
    const stdout = execFileSync(process.env.BUNDLE_NODE ?? process.execPath, ["--input-type=module", "-e", script]);
    assert.equal(stdout.toString().trim(), "bootstrap,reportAge,rotate");
  });
});
