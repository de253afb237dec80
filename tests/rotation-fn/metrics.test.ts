import assert from "node:assert/strict";
import { metricNamespace, metrics } from "../../contract/metrics";
import { secretNameOf } from "../../rotation-fn/metrics";
import { type DataPoint, readDataPoints } from "../support/embedded-metric-format";
import { waitUntil } from "../support/processes";
import { assertFailed, invokeStep } from "../support/rotation";
import type { TestStack } from "../support/stack";
import { usersOfOneStack } from "../support/users-of-one-stack";

const unknownToken = "example-token-that-is-not-staged-1";

describe("the metrics of a rotation", () => {
  const nextUser = usersOfOneStack("single-user");
  let stack: TestStack;
  let logged: number;

  beforeEach(() => {
    stack = nextUser();
    logged = stack.rotateFunction.logs.length;
  });

  const secretName = () => `todo-rotation/${stack.database}/database/${stack.username}`;

  /** What was published once this many invocations have logged how they ended, because pipes are asynchronous. */
  async function readPublished(invocations: number): Promise<DataPoint[]> {
    const lines = () => stack.rotateFunction.logs.slice(logged);
    const outcomes = () => lines().filter((line) => /"message":"(succeeded|failed)"/.test(line));
    await waitUntil(() => outcomes().length === invocations, `${invocations} invocations are logged`);
    return readDataPoints(lines());
  }

  it("are each step's duration and, once, its success", async () => {
    assert.equal((await stack.rotate()).error, undefined);
    const published = await readPublished(4);
    const duration = { namespace: metricNamespace, name: "StepDuration", unit: "Milliseconds" };
    const success = { namespace: metricNamespace, name: "RotationSucceeded", unit: "Count" };
    assert.deepEqual(
      published.map(({ namespace, name, unit, dimensions }) => ({ namespace, name, unit, dimensions })),
      [
        ...["createSecret", "setSecret", "testSecret", "finishSecret"].map((Step) => ({
          ...duration,
          dimensions: { SecretName: secretName(), Step },
        })),
        { ...success, dimensions: { SecretName: secretName() } },
      ],
    );
    assert.equal(published.at(-1)?.value, 1);
    assert(published.every(({ value }) => value >= 0));
  });

  it("are a step's duration and its failure, without a success", async () => {
    const result = await invokeStep(stack, "testSecret", unknownToken);
    assertFailed(result, "VersionNotFoundError", /not staged/);
    const published = await readPublished(1);
    assert.deepEqual(
      published.map(({ name, dimensions }) => [name, dimensions]),
      [
        ["StepDuration", { SecretName: secretName(), Step: "testSecret" }],
        ["RotationFailed", { SecretName: secretName() }],
      ],
    );
    assert.equal(published.at(-1)?.value, 1);
  });

  it("are none for an event that is not a step of a rotation of this secret", async () => {
    await stack.rotateFunction.invoke({ Step: "dropSecret" });
    assert.deepEqual(await readPublished(1), []);
  });

  it("are published with the units and dimensions that alarms watch", async () => {
    await stack.rotate();
    await invokeStep(stack, "setSecret", unknownToken);
    const published = await readPublished(5);
    for (const name of ["StepDuration", "RotationSucceeded", "RotationFailed"] as const) {
      const dataPoint = published.find((one) => one.name === name);
      assert(dataPoint, `${name} is published`);
      assert.equal(dataPoint.unit, metrics[name].unit);
      assert.deepEqual(Object.keys(dataPoint.dimensions), [...metrics[name].dimensions]);
    }
  });
});

describe("the name of a secret", () => {
  const names = ["todo-rotation/dev/database/todo", "rds!cluster-example", "name-with-suffix", "a:b/c+d=e@f.g_h"];
  for (const name of names) {
    it(`is read from the ARN of ${name}`, () => {
      assert.equal(
        secretNameOf(`arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:${name}-a1B2c3`),
        name,
      );
    });
  }
});
