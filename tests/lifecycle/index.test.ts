import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { temporaryFolder } from "../support/temporary-folder";
import { root } from "./arguments";
import { explain } from "./stack";

describe("npm run lifecycle", () => {
  const folder = temporaryFolder();

  function run(...bins: readonly string[]) {
    const temporary = join(folder.path, "tmp");
    mkdirSync(temporary, { recursive: true });
    const env = {
      ...process.env,
      PATH: [...bins, dirname(process.execPath), "/bin"].join(delimiter),
      ...{ TMPDIR: temporary, AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
    };
    const program = ["--require", "./tsx.cjs", "tests/lifecycle/index.ts", "dev"];
    const { status, stderr } = spawnSync(process.execPath, program, { cwd: root, encoding: "utf8", env });
    const left = readdirSync(temporary).filter((name) => name.startsWith("todo-rotation-"));
    return { status, stderr, left };
  }

  it("says that there is no Pulumi CLI", () => {
    const { status, stderr, left } = run();
    assert.deepEqual([status, left], [1, []]);
    assert.match(
      stderr,
      /^PATH has neither a Pulumi CLI that works nor npm's package pulumi\. Run `npm ci`\.\nHow to install it: https:\S+\n$/,
    );
  });

  it("says that moto is not running, and leaves nothing behind", () => {
    chmodSync(folder.write("pulumi", "#!/bin/sh\necho v3.300.0\n"), 0o755);
    const { status, stderr, left } = run(folder.path);
    assert.deepEqual([status, left], [1, []]);
    assert.match(stderr, /^No moto answers at http:\/\/127\.0\.0\.1:1 \(AWS_ENDPOINT_URL\)\. --help says how/);
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
