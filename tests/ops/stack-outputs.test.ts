import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { outputNames } from "../../ops/stack-outputs";
import { newDeployment, startEcs } from "../support/ecs";
import { runOps } from "../support/ops";
import { opsEndpoint } from "../support/secret-for-ops";

describe("ops --stack", () => {
  const local = opsEndpoint();
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "todo-rotation-test-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A PATH on which `pulumi` is this shell script, and nothing else is but Node and the shell. */
  function pathWithPulumi(script: string): string {
    const file = join(folder, "pulumi");
    writeFileSync(file, `#!/bin/sh\n[ "$1" = version ] && exec echo v3.265.0\n${script}\n`);
    chmodSync(file, 0o755);
    return [folder, dirname(process.execPath), "/bin", "/usr/bin"].join(delimiter);
  }

  const outputs = (values: object) => `cat <<'END'\n${JSON.stringify(values)}\nEND`;

  it("asks the Pulumi CLI for the outputs of that stack, without its secrets", async () => {
    const secret = await local.createRotatedSecret();
    const argumentsFile = join(folder, "arguments");
    const script = `echo "$@" > '${argumentsFile}'\n${outputs({ databaseSecretArn: secret.SecretId })}`;
    const args = ["status", "--stack", "dev", "--endpoint-url", local.endpoint.server.endpointUrl];
    const { exitCode, stdout, stderr } = await runOps(args, { environment: { PATH: pathWithPulumi(script) } });
    assert.equal(exitCode, 0, stderr);
    assert(stdout.includes(secret.SecretId));
    assert.equal(readFileSync(argumentsFile, "utf8"), "stack output --json --non-interactive --stack dev\n");
  });

  it("reads outputs that the program has", () => {
    // What the whole program registers; tests/index.test.ts holds that this file is true.
    const graph = readFileSync(join(__dirname, "..", "graphs", "dev.txt"), "utf8").split("\n");
    for (const name of outputNames) assert(graph.includes(name), name);
  });

  it("repeats the stack, not the ARN, in the commands that it recommends", async () => {
    const secret = await local.createStuckSecret(3_600_000);
    const PATH = pathWithPulumi(outputs({ databaseSecretArn: secret.SecretId }));
    const args = ["status", "--stack", "dev", "--endpoint-url", local.endpoint.server.endpointUrl];
    const { stdout } = await runOps(args, { environment: { PATH } });
    assert.match(stdout, /npm run ops -- repair --stack dev --endpoint-url http:/);
  });

  it("finds the service to redeploy", async () => {
    const ecs = await startEcs({ looks: [[{ ...newDeployment, rolloutState: "COMPLETED" }]] });
    const values = {
      databaseSecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:example-a1B2c3",
      serviceClusterName: "todo-cluster",
      serviceName: "todo",
    };
    const args = ["redeploy", "--stack", "dev", "--endpoint-url", ecs.endpointUrl];
    const { exitCode, stderr } = await runOps(args, { environment: { PATH: pathWithPulumi(outputs(values)) } });
    ecs.stop();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual([ecs.calls[0]?.input.cluster, ecs.calls[0]?.input.service], ["todo-cluster", "todo"]);
  });

  const failures: [what: string, script: string, args: string[], message: RegExp][] = [
    [
      "a stack that is not there",
      "echo \"error: no stack named 'nosuch' found\" >&2; exit 255",
      ["status", "--stack", "nosuch"],
      /outputs of stack nosuch: error: no stack named 'nosuch' found\n`pulumi stack ls`/,
    ],
    [
      "an output that is not there",
      outputs({ serviceUrl: "http://example.com" }),
      ["status", "--stack", "dev"],
      /Stack dev has no output databaseSecretArn; its outputs: serviceUrl\.\n`pulumi up --stack dev`/,
    ],
    ["a stack without outputs", outputs({}), ["status", "--stack", "dev"], /its outputs: none/],
    ["an answer that is no JSON", "echo hello", ["status", "--stack", "dev"], /answered with no JSON for stack dev/],
  ];
  for (const [what, script, args, message] of failures) {
    it(`says what is wrong with ${what}`, async () => {
      const { exitCode, stderr } = await runOps(args, { environment: { PATH: pathWithPulumi(script) } });
      assert.equal(exitCode, 3);
      assert.match(stderr, message);
    });
  }

  it("says that the Pulumi CLI is missing, how to install it, and what does without it", async () => {
    const { exitCode, stderr } = await runOps(["status", "--stack", "dev"], { environment: { PATH: folder } });
    assert.equal(exitCode, 3);
    assert.match(
      stderr,
      /There is no Pulumi CLI on PATH.*\nHow to install it: https:\S+\nOr name the secret with --secret-id/,
    );
  });

  it("says that the Pulumi CLI cannot be downloaded, not that the stack is not there", async () => {
    const bin = join(folder, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "pulumi"), "#!/bin/sh\necho 'pulumi: fetch failed' >&2; exit 1\n", { mode: 0o755 });
    const PATH = [bin, dirname(process.execPath), "/bin"].join(delimiter);
    const { exitCode, stderr } = await runOps(["status", "--stack", "dev"], { environment: { PATH } });
    assert.equal(exitCode, 3);
    assert.match(stderr, /The Pulumi CLI cannot be downloaded: pulumi: fetch failed\nHow to install it: https:/);
    assert.doesNotMatch(stderr, /stack ls/);
  });
});
