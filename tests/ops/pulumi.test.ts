import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { temporaryFolder } from "../support/temporary-folder";
import { root } from "../support/whole-program";

describe("npm run pulumi, preview and up", () => {
  const folder = temporaryFolder();

  /** A folder for PATH in which `pulumi` is a script that answers `version` and prints everything else. */
  function pulumiIn(name: string, version: string, script = `echo "${name}: $@"`): string {
    const bin = join(folder.path, name);
    mkdirSync(bin, { recursive: true });
    const text = `#!/bin/sh\nif [ "$1" = version ]; then ${version}; else ${script}; fi\n`;
    writeFileSync(join(bin, "pulumi"), text, { mode: 0o755 });
    return bin;
  }

  /** Runs it with these folders first on PATH; without any, `pulumi` does not exist. */
  function run(...bins: string[]) {
    const PATH = [...bins, dirname(process.execPath), "/bin"].join(delimiter);
    const args = ["--require", "./tsx.cjs", "ops/pulumi.ts", "preview", "--stack", "dev"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, PATH },
    });
    return { status, stdout, stderr };
  }

  it("use the installed CLI, although npm puts the package's first", () => {
    const ofPackage = pulumiIn("node_modules/.bin", "echo v3.265.0");
    const installed = pulumiIn("installed", "echo v3.220.0");
    assert.deepEqual(run(ofPackage, installed), { status: 0, stdout: "installed: preview --stack dev\n", stderr: "" });
  });

  it("use an installed CLI that was built from source and has no version number", () => {
    assert.equal(run(pulumiIn("installed", "echo")).stdout, "installed: preview --stack dev\n");
  });

  it("skip an installed CLI that is too old, and say so", () => {
    const old = pulumiIn("old", "echo v3.219.9");
    const { status, stdout, stderr } = run(old, pulumiIn("node_modules/.bin", "echo v3.265.0"));
    assert.deepEqual([status, stdout], [0, "node_modules/.bin: preview --stack dev\n"]);
    assert.match(stderr, /old\/pulumi is version v3\.219\.9; version 3\.220\.0 or later is needed\.\n/);
    assert.match(stderr, /No Pulumi CLI is installed; using the one that npm's package pulumi downloads/);
  });

  it("skip an installed CLI that does not start", () => {
    const { status, stderr } = run(pulumiIn("broken", "exit 1"), pulumiIn("installed", "echo v3.300.0"));
    assert.equal(status, 0);
    assert.match(stderr, /broken\/pulumi does not answer `pulumi version`\./);
    assert.match(run(pulumiIn("broken", "exit 1")).stderr, /PATH has neither a Pulumi CLI that works/);
  });

  it("say that the CLI cannot be downloaded, and how to install it", () => {
    const { status, stdout, stderr } = run(pulumiIn("node_modules/.bin", "echo 'pulumi: fetch failed' >&2; exit 1"));
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /The Pulumi CLI cannot be downloaded: pulumi: fetch failed\nHow to install it: https:/);
  });

  it("say that no CLI exists", () => {
    const { status, stderr } = run();
    assert.equal(status, 1);
    assert.match(stderr, /PATH has neither a Pulumi CLI that works nor npm's package pulumi\. Run `npm ci`\./);
  });

  it("end with the CLI's own exit status", () => {
    assert.equal(run(pulumiIn("installed", "echo v3.265.0", "exit 7")).status, 7);
  });
});
