import assert from "node:assert/strict";
import { runDemo } from "../../demo/run-demo";

/** Runs the command, which must start nothing. */
async function run(args: readonly string[]) {
  let [stdout, stderr] = ["", ""];
  const status = await runDemo(args, {
    write: (text) => (stdout += text),
    writeError: (text) => (stderr += text),
    folder: "/no/such/folder",
    hasColors: false,
    isTerminal: false,
    onStart: () => {
      assert.fail("started");
    },
  });
  return { status, stdout, stderr };
}

describe("the demo's options", () => {
  for (const [args, message] of [
    [
      ["--strategy", "both-users"],
      '--strategy: received "both-users"; accepted is one of single-user, alternating-users, api-key, both',
    ],
    [["--rotations", "0"], '--rotations: received "0"; accepted is a whole number from 1 to 100'],
    [["--rotations", "1e1"], '--rotations: received "1e1"'],
    [["--users", "11"], '--users: received "11"; accepted is a whole number from 1 to 10'],
    [["--users", "2", "--strategy", "api-key"], "--users: received with --strategy api-key"],
    [["--port", "65536"], '--port: received "65536"; accepted is a whole number from 0 to 65535'],
    [["--keep", "--json"], "--keep: received with --json"],
    [["--keep", "--strategy", "api-key"], "--keep: received with --strategy api-key"],
    [["--verbose"], "Unknown option '--verbose'"],
    [["now"], "Unexpected argument 'now'"],
  ] as const) {
    it(`refuse ${args.join(" ")} with status 2`, async () => {
      const { status, stdout, stderr } = await run(args);
      assert.deepEqual({ stdout, status }, { stdout: "", status: 2 });
      assert.ok(stderr.startsWith(message), stderr);
    });
  }

  it("are listed with --help", async () => {
    const { status, stdout, stderr } = await run(["--help"]);
    assert.deepEqual({ stderr, status }, { stderr: "", status: 0 });
    const options = ["--strategy", "--rotations", "--users", "--port", "--quick", "--keep", "--json", "--help"];
    for (const option of options) assert.ok(stdout.includes(`\n  ${option} `), option);
  });
});
