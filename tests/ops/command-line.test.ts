import assert from "node:assert/strict";
import { commandNames, help, parseCommandLine } from "../../ops/command-line";
import { exitCodes, Failure } from "../../ops/failure";
import { runOpsProcess } from "../support/ops";

function refusal(args: readonly string[]): Failure {
  try {
    parseCommandLine(args);
  } catch (error) {
    assert(error instanceof Failure);
    return error;
  }
  throw new assert.AssertionError({ message: `${args.join(" ")} was accepted` });
}

describe("the command line of ops", () => {
  const secret = ["--secret-id", "example"];
  const dev = ["--stack", "dev"];

  it("is parsed with its defaults", () => {
    assert.deepEqual(parseCommandLine(["status", ...secret]), {
      ...{ command: "status", secretId: "example", json: false, yes: false },
      ...{ stack: undefined, user: undefined, cluster: undefined, service: undefined, region: undefined },
      ...{ endpointUrl: undefined, timeoutSeconds: undefined, html: undefined },
    });
  });

  for (const args of [
    ...commandNames.map((name) => [name, ...dev]),
    ["rotate", ...secret, "--timeout", "1", "--json", "--region", "us-east-1"],
    ["repair", "--secret-id", "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:example-a1B2c3", "--yes"],
    ["status", ...secret, "--endpoint-url", "https://vpce-example.secretsmanager.us-east-1.vpce.amazonaws.com"],
    ["redeploy", "--cluster", "one", "--service", "two"],
  ]) {
    it(`accepts ${args.join(" ")}`, () => {
      assert.notEqual(parseCommandLine(args), "help");
    });
  }

  const wrong: [args: string[], message: RegExp][] = [
    [[], /^command: received nothing; accepted is one of status, rotate, watch, repair, redeploy\.$/],
    [["delete", ...secret], /^command: received "delete"/],
    [["status", "rotate", ...secret], /^command: received "status rotate"/],
    [["status"], /either --stack or --secret-id/],
    [["status", ...dev, ...secret], /either --stack or --secret-id/],
    [["status", ...secret, "--force"], /Unknown option '--force'/],
    [["status", "--secret-id"], /--secret-id/],
    [["status", "--secret-id", ""], /--secret-id: received ""/],
    [["status", "--secret-id", "arn:aws:lambda:us-east-1:123456789012:function:f"], /the ARN of a secret/],
    [["status", ...secret, "--endpoint-url", "localhost:4566"], /received "localhost:4566"/],
    [["rotate", ...secret, "--timeout", "0"], /--timeout: received "0"; accepted is whole seconds from 1 to 86400/],
    [["rotate", ...secret, "--timeout", "1.5"], /received "1\.5"/],
    [["status", ...secret, "--service", "todo"], /--service: received with status; accepted is redeploy/],
    [["status", ...secret, "--user", "batch"], /--user: received "\w+"; accepted is a user together with --stack/],
    ...[
      ["rotate", ...dev],
      ["status", ...dev, "--user", "batch"],
    ].map((args): [string[], RegExp] => [
      [...args, "--html", "status.html"],
      /--html: received "status.html"; accepted is the path of a file, with status --stack and without --user/,
    ]),
    [["redeploy", ...secret], /either --stack, or --cluster and --service/],
    [["redeploy", "--service", "todo"], /either --stack, or --cluster and --service/],
    [["redeploy", ...dev, "--service", "todo"], /either --stack, or --cluster and --service/],
  ];
  for (const [args, message] of wrong) {
    it(`refuses "${args.join(" ")}", saying what is accepted`, () => {
      const failure = refusal(args);
      assert.match(failure.message, message);
      assert.equal(failure.exitCode, exitCodes.usage);
    });
  }

  it("prints help on stdout, with every command", async () => {
    const { exitCode, stdout, stderr } = await runOpsProcess(["--help"]);
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout.trimEnd(), help);
    for (const name of commandNames) assert.match(help, new RegExp(`^  ${name} `, "m"));
  });

  it("is refused by the process as by the parser, in JSON if requested", async () => {
    const { exitCode, stdout, stderr } = await runOpsProcess(["delete", "--json"]);
    assert.equal(exitCode, exitCodes.usage);
    assert.match((JSON.parse(stdout) as { error: { message: string } }).error.message, /^command: received "delete"/);
    assert.equal(stderr, "");
  });
});
