import validate from "asl-validator";
import assert from "node:assert/strict";
import { redeployDefinition } from "../../../components/service/redeploy-state-machine";
import { runStateMachine, TaskFailure, type Definition, type Execution } from "../../support/state-machine";

const names = {
  clusterName: "todo-cluster",
  serviceName: "todo-service",
  topicArn: "arn:aws:sns:us-east-1:123456789012:alarms",
};
/** A copy, as AWS gets it, because the validator modifies its argument. */
const definition = (): Definition => JSON.parse(JSON.stringify(redeployDefinition(names))) as Definition;

const updateService = "arn:aws:states:::aws-sdk:ecs:updateService";
const describeServices = "arn:aws:states:::aws-sdk:ecs:describeServices";
const publish = "arn:aws:states:::sns:publish";

interface Deployment {
  readonly Id: string;
  readonly Status: string;
  readonly RolloutState?: string;
  readonly RolloutStateReason?: string;
}

const own = { Id: "ecs-svc/2", Status: "PRIMARY", RolloutState: "IN_PROGRESS" };
const old = { Id: "ecs-svc/1", Status: "ACTIVE", RolloutState: "COMPLETED" };

interface Run extends Execution {
  readonly published: readonly unknown[];
  readonly started: readonly unknown[];
  readonly described: readonly unknown[];
}

/** @param answers the service's deployments at each look; the last one stays */
async function run(answers: readonly (readonly Deployment[])[], start?: () => unknown): Promise<Run> {
  const started: unknown[] = [];
  const described: unknown[] = [];
  const published: unknown[] = [];
  const execution = await runStateMachine(definition(), {
    [updateService]: (taskArguments) => {
      started.push(taskArguments);
      return start === undefined ? { Service: { Deployments: [own, old] } } : start();
    },
    [describeServices]: (taskArguments) => {
      described.push(taskArguments);
      return { Services: [{ Deployments: answers[Math.min(described.length, answers.length) - 1] }] };
    },
    [publish]: (taskArguments) => published.push(taskArguments),
  });
  return { ...execution, started, described, published };
}

describe("the state machine that redeploys the service", () => {
  it("is valid Amazon States Language", () => {
    const { isValid, errors } = validate(definition());
    assert.deepEqual([isValid, errors], [true, []]);
  });

  for (const [mistake, seed] of [
    ["a state that does not exist", ({ States }) => Object.assign(States.Wait ?? {}, { Next: "Nowhere" })],
    ["JSONPath's fields", ({ States }) => Object.assign(States.Wait ?? {}, { InputPath: "$.detail" })],
    ["no Next", ({ States }) => delete (States.StartDeployment as { Next?: string }).Next],
  ] as readonly (readonly [string, (broken: Definition) => unknown])[]) {
    it(`would not be valid with ${mistake}`, () => {
      const broken = definition();
      seed(broken);
      assert.equal(validate(broken).isValid, false);
    });
  }

  it("starts one deployment of this service, and waits until it is stable", async () => {
    const stable = { ...own, RolloutState: "COMPLETED" };
    const { status, started, described, published, waitedSeconds } = await run([[own, old], [own, old], [stable]]);
    assert.equal(status, "SUCCEEDED");
    assert.deepEqual(started, [{ Cluster: "todo-cluster", Service: "todo-service", ForceNewDeployment: true }]);
    assert.deepEqual(described[0], { Cluster: "todo-cluster", Services: ["todo-service"] });
    assert.deepEqual([described.length, waitedSeconds, published.length], [3, 90, 0]);
  });

  it("reports a deployment that ECS gave up, even though the previous one is stable again", async () => {
    const failed = { ...own, Status: "ACTIVE", RolloutState: "FAILED", RolloutStateReason: "tasks failed to start" };
    const rolledBack = { Id: "ecs-svc/3", Status: "PRIMARY", RolloutState: "COMPLETED" };
    const { status, error, cause, published } = await run([[own], [rolledBack, failed]]);
    assert.deepEqual([status, error, cause], ["FAILED", "FAILED", "tasks failed to start"]);
    assert.deepEqual(published, [
      {
        TopicArn: names.topicArn,
        Subject: "The service still runs with its old database credential",
        Message:
          "The credential changed, and the deployment that was to bring it to the service ended as FAILED after 60 s: " +
          "tasks failed to start. What to do: docs/runbook.md#redeployment-failed",
      },
    ]);
  });

  it("reports a deployment that was replaced before it was stable", async () => {
    const { error, published } = await run([[own], [{ ...old, Status: "PRIMARY" }]]);
    assert.equal(error, "REPLACED");
    assert.match(JSON.stringify(published), /another deployment took its place/);
  });

  it("gives up after half an hour, and reports it once", async () => {
    const { status, error, waitedSeconds, published } = await run([[own]]);
    assert.deepEqual([status, error, waitedSeconds, published.length], ["FAILED", "IN_PROGRESS", 1800, 1]);
  });

  it("repeats a call that fails, and reports one that keeps failing", async () => {
    const { status, error, started, published } = await run([[own]], () => {
      throw new TaskFailure("Ecs.ServiceNotActiveException", "Service was not ACTIVE.");
    });
    assert.deepEqual([status, error, started.length], ["FAILED", "Ecs.ServiceNotActiveException", 5]);
    assert.match(
      JSON.stringify(published),
      /ended as Ecs\.ServiceNotActiveException after 0 s: Service was not ACTIVE/,
    );
  });

  it("continues after a call that fails once", async () => {
    let calls = 0;
    const { status, started } = await run([[{ ...own, RolloutState: "COMPLETED" }]], () => {
      if (++calls === 1) throw new TaskFailure("Ecs.ServerException", "try again");
      return { Service: { Deployments: [own] } };
    });
    assert.deepEqual([status, started.length], ["SUCCEEDED", 2]);
  });
});
