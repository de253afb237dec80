import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { temporaryFolder } from "../support/temporary-folder";
import { root } from "./arguments";
import { explain } from "./stack";

describe("npm run lifecycle", () => {
  const folder = temporaryFolder();

  function run(args: readonly string[], bins: readonly string[] = []) {
    const temporary = join(folder.path, "tmp");
    mkdirSync(temporary, { recursive: true });
    const environment = {
      ...process.env,
      PATH: [...bins, dirname(process.execPath), "/bin"].join(delimiter),
      ...{ TMPDIR: temporary, AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
    };
    const program = ["--require", "tsx/cjs", "tests/lifecycle/index.ts", ...args];
    const { status, stderr } = spawnSync(process.execPath, program, { cwd: root, encoding: "utf8", env: environment });
    const left = readdirSync(temporary).filter((name) => name.startsWith("todo-rotation-"));
    return { status, stderr, left };
  }
  function pulumi(name: string, script: string): string {
    mkdirSync(join(folder.path, name), { recursive: true });
    chmodSync(folder.write(join(name, "pulumi"), `#!/bin/sh\n${script}\n`), 0o755);
    return join(folder.path, name);
  }

  it("says that there is no Pulumi CLI", () => {
    const { status, stderr, left } = run(["dev"]);
    assert.deepEqual([status, left], [1, []]);
    assert.match(
      stderr,
      /^PATH has neither a Pulumi CLI that works nor npm's package pulumi\. Run `npm ci`\.\nHow to install it: https:\S+\n$/,
    );
  });

  it("says that the package's CLI cannot be downloaded", () => {
    const { status, stderr } = run(["dev"], [pulumi("node_modules/.bin", "echo 'fetch failed' >&2; exit 1")]);
    assert.equal(status, 1);
    assert.match(stderr, /The Pulumi CLI cannot be downloaded: fetch failed\nHow to install it: https:\S+\n$/);
  });

  it("says that moto is not running, and leaves nothing behind", () => {
    const { status, stderr, left } = run(["dev"], [pulumi("installed", "echo v3.300.0")]);
    assert.deepEqual([status, left], [1, []]);
    assert.match(stderr, /^No moto answers at http:\/\/127\.0\.0\.1:1 \(AWS_ENDPOINT_URL\)\. --help says how/);
  });

  it("refuses wrong arguments with its usage", () => {
    const { status, stderr } = run(["dev", "--then", "instances=3"]);
    assert.equal(status, 2);
    assert.match(stderr, /received the key "instances"[^]*Exit code: 0 all well/);
  });
});

describe("the explanation of a failure", () => {
  it("names the missing plugin and how to install it", () => {
    // The message of the CLI, version 3.220.0.
    const output =
      "error: no resource plugin 'pulumi-resource-awsx' found in the workspace at version v3.9.0 or on your $PATH";
    assert.match(
      explain(output) ?? "",
      /^The Pulumi plugin awsx is missing\. Install it with `pulumi plugin install resource awsx`/,
    );
  });

  it("leaves every other failure to its own message", () => {
    assert.equal(explain("error: update failed"), undefined);
  });
});
