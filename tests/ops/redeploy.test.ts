import assert from "node:assert/strict";
import { type EcsBehaviour, type EcsServer, newDeployment, oldDeployment, startEcs } from "../support/ecs";
import { type OpsOptions, runOps } from "../support/ops";

const completed = { ...newDeployment, rolloutState: "COMPLETED", runningCount: 1 } as const;
const names = ["--cluster", "todo-cluster", "--service", "todo"];

describe("ops redeploy", () => {
  let ecs: EcsServer | undefined;

  afterEach(() => ecs?.stop());

  async function redeploy(behaviour: EcsBehaviour, args: readonly string[] = [], options?: OpsOptions) {
    ecs = await startEcs(behaviour);
    const result = await runOps(["redeploy", ...names, "--endpoint-url", ecs.endpointUrl, ...args], options);
    return { ...result, calls: ecs.calls };
  }

  it("forces a new deployment of the service, and waits until every task is new", async () => {
    const looks = [[newDeployment, oldDeployment], [{ ...newDeployment, runningCount: 1 }, oldDeployment], [completed]];
    const { exitCode, stdout, stderr, calls } = await redeploy({ looks });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(calls[0], {
      operation: "UpdateService",
      input: { cluster: "todo-cluster", service: "todo", forceNewDeployment: true },
    });
    assert.deepEqual(
      calls.slice(1).map(({ operation }) => operation),
      ["DescribeServices", "DescribeServices", "DescribeServices"],
    );
    assert.deepEqual(stderr.split("\n").slice(0, 3), [
      "started deployment ecs-svc/new of todo",
      "new tasks: 0 of 1, old tasks: 1",
      "new tasks: 1 of 1, old tasks: 1",
    ]);
    assert.match(stdout, /^Every task of todo is new, after [\d.]+ s\.\n$/);
  });

  it("does not accept a service that is stable because it was rolled back", async () => {
    const rolledBack = { ...oldDeployment, status: "PRIMARY", rolloutState: "COMPLETED", desiredCount: 1 } as const;
    const { exitCode, stderr } = await redeploy({ looks: [[newDeployment, oldDeployment], [rolledBack]] });
    assert.equal(exitCode, 6);
    assert.match(stderr, /Deployment ecs-svc\/new of todo failed: another deployment took its place/);
  });

  it("says why a deployment failed, and ECS's last event", async () => {
    const failed = { ...newDeployment, rolloutState: "FAILED", rolloutStateReason: "circuit breaker" } as const;
    const behaviour = { looks: [[failed, oldDeployment]], lastEvent: "unable to pull the image" };
    const { exitCode, stderr } = await redeploy(behaviour);
    assert.equal(exitCode, 6);
    assert.match(stderr, /failed: circuit breaker\. Last event: unable to pull the image\nThe old tasks keep running/);
  });

  it("fails when the service does not become stable in time", async () => {
    const looks = [[{ ...newDeployment, failedTasks: 3 }, oldDeployment]];
    const { exitCode, stderr } = await redeploy({ looks, lastEvent: "unhealthy" }, ["--timeout", "1"]);
    assert.equal(exitCode, 6);
    assert.match(stderr, /todo is not stable after 1 s; 3 tasks failed\. Last event: unhealthy\n.*runbook\.md#no-run/);
  });

  it("leaves the deployment to AWS on Ctrl-C", async () => {
    const { exitCode, stderr } = await redeploy({ looks: [[newDeployment, oldDeployment]] }, [], {
      onProgress(progress, interrupt) {
        if (progress.endsWith("old tasks: 1\n")) interrupt();
      },
    });
    assert.equal(exitCode, 130);
    assert.match(
      stderr,
      /Interrupted\. Deployment ecs-svc\/new continues in AWS\.\naws ecs describe-services --cluster todo-c/,
    );
  });

  for (const error of ["ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException"]) {
    it(`says what to check on ${error}`, async () => {
      const { exitCode, stdout } = await redeploy({ error }, ["--json"]);
      assert.equal(exitCode, 3);
      const json = JSON.parse(stdout) as { error: { message: string; remedy: string; exitCode: number } };
      assert.match(json.error.message, new RegExp(`^UpdateService of todo: ${error}`));
      assert.match(json.error.remedy, /Check the cluster, the service and the region/);
      assert.equal(json.error.exitCode, 3);
    });
  }

  it("uses the endpoint in the SDK's own variable", async () => {
    ecs = await startEcs({ looks: [[completed]] });
    const environment = {
      AWS_ENDPOINT_URL_ECS: ecs.endpointUrl,
      AWS_ACCESS_KEY_ID: "operator",
      AWS_SECRET_ACCESS_KEY: "example",
    };
    const { exitCode, stderr } = await runOps(["redeploy", ...names, "--region", "us-east-1"], { environment });
    assert.equal(exitCode, 0, stderr);
  });
});
