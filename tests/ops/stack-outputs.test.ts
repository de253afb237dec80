import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { outputNames } from "../../ops/stack-outputs";
import { newDeployment, startEcs } from "../support/ecs";
import { runOps } from "../support/ops";
import { opsEndpoint, type SecretForOps } from "../support/secret-for-ops";
import { temporaryFolder } from "../support/temporary-folder";

describe("ops --stack", () => {
  const local = opsEndpoint();
  const folder = temporaryFolder();

  /** A PATH on which `pulumi` is this shell script, with only Node and the shell besides. */
  function pathWithPulumi(script: string): string {
    chmodSync(folder.write("pulumi", `#!/bin/sh\n[ "$1" = version ] && exec echo v3.265.0\n${script}\n`), 0o755);
    return [folder.path, dirname(process.execPath), "/bin", "/usr/bin"].join(delimiter);
  }

  /** Runs a command on stack dev, with this script as the Pulumi CLI. */
  const opsWith = (script: string, args: readonly string[]) =>
    runOps([...args, "--stack", "dev"], { environment: { PATH: pathWithPulumi(script) } });
  const endpointUrl = () => local.endpoint.server.endpointUrl;

  const outputs = (values: object) => `cat <<'END'\n${JSON.stringify(values)}\nEND`;

  const oneUser = ({ SecretId }: SecretForOps) => ({
    databaseSecretArn: SecretId,
    databaseSecretArns: { todo: SecretId },
  });

  it("asks the Pulumi CLI for the outputs of that stack, without its secrets", async () => {
    const secret = await local.createRotatedSecret();
    const argumentsFile = join(folder.path, "arguments");
    const script = `echo "$@" > '${argumentsFile}'\n${outputs(oneUser(secret))}`;
    const { exitCode, stdout, stderr } = await opsWith(script, ["status", "--endpoint-url", endpointUrl()]);
    assert.equal(exitCode, 0, stderr);
    assert(stdout.includes(secret.SecretId));
    assert.equal(readFileSync(argumentsFile, "utf8"), "stack output --json --non-interactive --stack dev\n");
  });

  it("reads existing outputs of the program", () => {
    // What the whole program registers; tests/index.test.ts checks that this file is correct.
    const graph = readFileSync(join(__dirname, "..", "graphs", "dev.txt"), "utf8").split("\n");
    for (const name of outputNames) assert(graph.includes(name), name);
  });

  it("repeats the stack, not the ARN, in the commands that it recommends", async () => {
    const secret = await local.createStuckSecret(3_600_000);
    const { stdout } = await opsWith(outputs(oneUser(secret)), ["status", "--endpoint-url", endpointUrl()]);
    assert.match(stdout, /npm run ops -- repair --stack dev --endpoint-url http:/);
  });

  describe("with several users", () => {
    const dayMs = 86_400_000;

    /** Runs a command on a stack whose service's own secret is healthy, and whose user report has a stuck rotation. */
    async function opsOnStack(args: readonly string[]) {
      local.agoMs = 3 * dayMs;
      const batch = await local.createRotatedSecret();
      local.agoMs = 0;
      const own = await local.createRotatedSecret();
      const report = await local.createStuckSecret(dayMs);
      const databaseSecretArns = { todo: own.SecretId, report: report.SecretId, batch: batch.SecretId };
      const script = outputs({ databaseSecretArn: own.SecretId, databaseSecretArns });
      const result = await opsWith(script, [...args, "--endpoint-url", endpointUrl()]);
      return { ...result, own, report, batch };
    }

    it("shows all of them, oldest first, and which need attention", async () => {
      const { exitCode, stdout } = await opsOnStack(["status"]);
      assert.equal(exitCode, 7);
      const [header, first, second, third] = stdout.split("\n");
      assert.match(header ?? "", /^user +last rotation +rotation +next by \(UTC\) +needs attention$/);
      assert.match(first ?? "", /^batch +3\.0 days ago +rate\(30 days\) +\d{4}-\d\d-\d\dT\d\d:\d\d +nothing$/);
      assert.match(second ?? "", /^todo +\d+ s ago .* nothing$/);
      assert.match(third ?? "", /^report +never +rate\(30 days\) .* 1, see below$/);
      assert.match(
        stdout,
        /^ {2}report: AWSPENDING has been on version .*\n +npm run ops -- repair --stack dev --user report /m,
      );
    });

    it("says the same in one JSON object", async () => {
      const { stdout } = await opsOnStack(["status", "--json"]);
      const { credentials } = JSON.parse(stdout) as { credentials: { user: string; findings: object[] }[] };
      assert.deepEqual(
        credentials.map(({ user, findings }) => [user, findings.length]),
        [
          ["batch", 0],
          ["todo", 0],
          ["report", 1],
        ],
      );
    });

    it("writes the same as a self-contained page", async () => {
      const file = join(folder.path, "status.html");
      const { exitCode, stdout } = await opsOnStack(["status", "--html", file]);
      assert.equal(exitCode, 7);
      assert.match(stdout, /^user +last rotation/);
      const page = readFileSync(file, "utf8");
      assert.deepEqual(
        [...page.matchAll(/<th scope="row">(\w+)/g)].map(([, user]) => user),
        ["batch", "todo", "report"],
      );
      assert.equal(page.match(/class="attention"/g)?.length, 1);
      assert.match(
        page,
        /<li>report: AWSPENDING has been on version [^]*<code>npm run ops -- repair --stack dev --user report /,
      );
      assert.doesNotMatch(page, /(?:src|href)=|url\(/);
      const refused = await opsOnStack(["status", "--html", join(folder.path, "no/such/status.html")]);
      assert.equal(refused.exitCode, 1);
      assert.match(refused.stderr, /--html: received .*status\.html, which cannot be written \(ENOENT\)/);
    });

    it("uses the one that --user names", async () => {
      const { exitCode, stdout, batch } = await opsOnStack(["status", "--user", "batch"]);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^secret +${batch.SecretId}$`, "m"));
    });

    it("rotates the service's own unless --user names another", async () => {
      const before = await opsOnStack(["rotate"]);
      assert.equal(before.exitCode, 0, before.stderr);
      assert.equal(Object.keys(await before.own.labels()).length, 2);
      const { exitCode, stderr, stdout, batch } = await opsOnStack(["rotate", "--user", "batch", "--json"]);
      assert.equal(exitCode, 0, stderr);
      assert.equal((JSON.parse(stdout) as { secretArn: string }).secretArn, batch.SecretId);
    });

    it("lists the existing users for an unknown one", async () => {
      const { exitCode, stderr } = await opsOnStack(["repair", "--user", "nobody"]);
      assert.equal(exitCode, 3);
      assert.match(
        stderr,
        /--user: received "nobody", accepted is one of todo, report, batch, the users of stack dev\./,
      );
    });
  });

  it("finds the service to redeploy", async () => {
    const ecs = await startEcs({ looks: [[{ ...newDeployment, rolloutState: "COMPLETED" }]] });
    const values = {
      databaseSecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:example-a1B2c3",
      serviceClusterName: "todo-cluster",
      serviceName: "todo",
    };
    const { exitCode, stderr } = await opsWith(outputs(values), ["redeploy", "--endpoint-url", ecs.endpointUrl]);
    await ecs.stop();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual([ecs.calls[0]?.input.cluster, ecs.calls[0]?.input.service], ["todo-cluster", "todo"]);
  });

  for (const [what, script, message] of [
    [
      "a stack that is not there",
      "echo \"error: no stack named 'dev' found\" >&2; exit 255",
      /outputs of stack dev: error: no stack named 'dev' found\n`pulumi stack ls`/,
    ],
    [
      "an output that is not there",
      outputs({ serviceUrl: "http://example.com" }),
      /Stack dev has no output databaseSecretArn; its outputs: serviceUrl\.\n`pulumi up --stack dev`/,
    ],
    ["a stack without outputs", outputs({}), /its outputs: none/],
    ["an answer that is no JSON", "echo hello", /did not answer with JSON for stack dev/],
  ] as const) {
    it(`says what is wrong with ${what}`, async () => {
      const { exitCode, stderr } = await opsWith(script, ["status"]);
      assert.equal(exitCode, 3);
      assert.match(stderr, message);
    });
  }

  it("says that the Pulumi CLI is missing, how to install it, and what works without it", async () => {
    const { exitCode, stderr } = await runOps(["status", "--stack", "dev"], {
      environment: { PATH: join(folder.path, "none") },
    });
    assert.equal(exitCode, 3);
    assert.match(
      stderr,
      /PATH has neither a Pulumi CLI that works.*\nHow to install it: https:\S+\nOr name the secret with --secret-id/,
    );
  });

  it("says that the Pulumi CLI cannot be downloaded, not that the stack does not exist", async () => {
    const bin = join(folder.path, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "pulumi"), "#!/bin/sh\necho 'pulumi: fetch failed' >&2; exit 1\n", { mode: 0o755 });
    const PATH = [bin, dirname(process.execPath), "/bin"].join(delimiter);
    const { exitCode, stderr } = await runOps(["status", "--stack", "dev"], { environment: { PATH } });
    assert.equal(exitCode, 3);
    assert.match(stderr, /The Pulumi CLI cannot be downloaded: pulumi: fetch failed\nHow to install it: https:/);
    assert.doesNotMatch(stderr, /stack ls/);
  });
});
