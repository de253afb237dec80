import assert from "node:assert/strict";
import { awsCli, awsCommandsIn, findMistakes } from "../support/aws-commands";
import { documents, readDocument } from "../support/markdown";

/** Commands that read an output after the destroy that removes it, in one block of code. */
function outputsReadTooLate(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => {
    const [, ...afterDestroy] = block.split(/^.*pulumi destroy.*$/m);
    return afterDestroy.join("\n").match(/pulumi stack output \w+/g) ?? [];
  });
}

const mistakesIn = (markdown: string) => awsCommandsIn(markdown).flatMap(findMistakes);

/** Names of outputs that commands read and that the dev program does not have. */
function unknownOutputs(markdown: string): string[] {
  const outputs = readDocument("tests/graphs/dev.txt").split("\n\n").at(-1)?.trim().split("\n");
  const read = [...markdown.matchAll(/pulumi stack output (\w+)/g)].map(([, name = ""]) => name);
  return read.filter((name) => !outputs?.includes(name));
}

describe("the documents' aws commands", () => {
  for (const document of documents) {
    it(`of ${document} are complete, and read existing outputs`, () => {
      assert.deepEqual(mistakesIn(readDocument(document)), []);
      assert.deepEqual(unknownOutputs(readDocument(document)), []);
      assert.deepEqual(outputsReadTooLate(readDocument(document)), []);
    });
  }

  it("are found, and are exactly those that tests/fixtures/aws-commands.json describes", () => {
    const commands = documents.flatMap((document) => awsCommandsIn(readDocument(document)));
    assert(commands.length > 30, `${commands.length}`);
    const operations = new Set(commands.map(([, service, operation]) => `${service ?? ""} ${operation ?? ""}`));
    assert.deepEqual([...operations].sort(), Object.keys(awsCli.operations).sort());
  });

  it("are found only in code, also nested and over several lines, without what follows them", () => {
    const markdown = [
      "Call aws now, or `aws kms create-key` and `x=$(aws kms create-key --query 'a b')`, not `./aws kms no`.",
      "   ```sh",
      '   aws kms create-alias --alias-name "alias/$(a "b")" \\',
      "     --target-key-id <its id> | jq   # comment",
      "   cd a && aws kms create-key --output text; ls",
      "   ```",
    ].join("\n");
    assert.deepEqual(awsCommandsIn(markdown), [
      ["aws", "kms", "create-key"],
      ["aws", "kms", "create-key", "--query", "'a b'"],
      ["aws", "kms", "create-alias", "--alias-name", '"alias/$(a "b")"', "--target-key-id", "<its id>"],
      ["aws", "kms", "create-key", "--output", "text"],
    ]);
  });

  for (const [command, mistake] of [
    ["aws rds create-snapshot", "aws rds create-snapshot: there is no such operation"],
    ["aws elbv2 describe-target-health", "aws elbv2 describe-target-health: --target-group-arn is missing"],
    ["aws ecs list-tasks --desired-status STOPPED", "aws ecs list-tasks: --cluster is missing"],
    [
      "aws ecs list-tasks --cluster a --desired-status FAILED",
      "aws ecs list-tasks: --desired-status: received FAILED, accepted is one of RUNNING, PENDING, STOPPED",
    ],
    [
      "aws rds modify-db-cluster --db-cluster-identifier --apply-immediately",
      "aws rds modify-db-cluster: --db-cluster-identifier has no value",
    ],
    [
      "aws sqs purge-queue --queue-url a --queue-name b",
      "aws sqs purge-queue: --queue-name: there is no such parameter",
    ],
    [
      "aws rds modify-db-cluster --db-cluster-identifier a --apply-immediately true",
      'aws rds modify-db-cluster: received "true" without a name, accepted is none',
    ],
    ["aws lambda invoke --function-name a", 'aws lambda invoke: received "" without a name, accepted is outfile'],
  ] as const) {
    it(`are reported as wrong: ${command}`, () => {
      assert.deepEqual(mistakesIn(`\`${command}\``), [mistake]);
    });
  }

  it("are reported as wrong when they read an output after the destroy", () => {
    const read = "a=$(pulumi stack output vpcId)\n";
    assert.deepEqual(outputsReadTooLate(`\`\`\`sh\n${read}npx pulumi destroy --stack dev\n\`\`\``), []);
    const late = outputsReadTooLate(`\`\`\`sh\nnpx pulumi destroy --stack dev\n${read}\`\`\``);
    assert.deepEqual(late, ["pulumi stack output vpcId"]);
  });

  it("are reported as wrong when they read an output that does not exist", () => {
    assert.deepEqual(unknownOutputs("`$(pulumi stack output serviceUri)` `$(pulumi stack output serviceUrl)`"), [
      "serviceUri",
    ]);
  });
});
