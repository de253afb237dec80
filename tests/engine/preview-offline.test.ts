import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { previewOffline } from "../../engine/preview-offline";
import { programHost, root } from "../support/whole-program";

async function preview(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const write = (text: string) => (stdout += `${text}\n`);
  const writeError = (text: string) => (stderr += `${text}\n`);
  const status = await previewOffline(args, { write, writeError }, (start) => programHost.run(start));
  return { status, stdout, stderr };
}

describe("preview:offline", () => {
  it("prints the tree, the counts and the outputs, and says what it is not", () => {
    const command = ["--require", "./tsx.cjs", join(root, "engine/preview-offline.ts"), "dev"];
    const { status, stdout } = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
    assert.equal(status, 0);
    assert.match(stdout, /^pulumi:pulumi:Stack {2}todo-rotation-dev\n {2}todo-rotation:components:/);
    assert.match(stdout, /\n {4}aws:rds\/cluster:Cluster {2}database\n/);
    assert.match(stdout, /\n\d+ resources\n/);
    assert.match(stdout, /\n {2}serviceUrl: "http:/);
    assert.match(stdout, /It is not `pulumi preview`/);
  });

  it("prints one JSON object with --json", async () => {
    const { stdout } = await preview("dev", "--json", "--config", "desiredCount=3");
    const { environment, resources, outputs } = JSON.parse(stdout) as {
      environment: string;
      resources: Record<string, unknown>[];
      outputs: Record<string, unknown>;
    };
    assert.equal(environment, "dev");
    const keys = ["custom", "inputs", "name", "parent", "protect", "retainOnDelete", "type", "urn"];
    for (const resource of resources.filter(({ type }) => type !== "pulumi:pulumi:Stack")) {
      assert.deepEqual(Object.keys(resource).sort(), keys);
    }
    const service = resources.find(({ type }) => type === "awsx:ecs:FargateService");
    assert.equal((service?.inputs as { desiredCount: number } | undefined)?.desiredCount, 3);
    assert(String(outputs.databaseSecretArn).startsWith("arn:aws:secretsmanager:"));
  });

  it("exits with 1 and says why when the program is refused", async () => {
    const { status, stdout, stderr } = await preview("dev", "--config", "rotationScheduleExpression=rate(1 hour)");
    assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
    assert.match(stderr, /rotationScheduleExpression: received "rate\(1 hour\)", accepted is at least 4 hours/);
  });

  it("exits with 1 and names the environments for one that does not exist", async () => {
    const { status, stderr } = await preview("staging");
    assert.equal(status, 1);
    assert.match(stderr, /^environment: received "staging", accepted is dev, prod/);
  });

  for (const args of [[], ["dev", "prod"], ["dev", "--jsn"], ["dev", "--config", "desiredCount"]]) {
    it(`exits with 2 and shows its usage for ${JSON.stringify(args)}`, async () => {
      const { status, stderr } = await preview(...args);
      assert.equal(status, 2);
      assert.match(stderr, /npm run preview:offline -- <environment>/);
    });
  }
});
