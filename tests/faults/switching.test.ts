import assert from "node:assert/strict";
import { join } from "node:path";
import { startTodoApp, type TodoApp } from "../../local/todo-app";
import { awsRotationFunction } from "../support/aws-rotation-function";
import { loadWhile } from "../support/load-while-rotating";
import {
  assertFailed,
  assertSucceeded,
  beginRotation,
  canLogIn,
  invokeStep,
  query,
  querySuperuser,
  steps,
  watchServerLog,
} from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";
import { ChangingStack, type HowToRotate } from "../support/switching";
import { startApp } from "../support/todo-app";
import { until } from "../support/until";

const single: HowToRotate = { rotationImplementation: "custom", rotationStrategy: "single-user" };
const alternating: HowToRotate = { rotationImplementation: "custom", rotationStrategy: "alternating-users" };
const awsSingle: HowToRotate = { rotationImplementation: "aws-provided", rotationStrategy: "single-user" };
const awsAlternating: HowToRotate = { rotationImplementation: "aws-provided", rotationStrategy: "alternating-users" };
const nameOf = ({ rotationImplementation, rotationStrategy }: HowToRotate) =>
  `${rotationStrategy}${rotationImplementation === "custom" ? "" : " of AWS"}`;

/** From each of the four to each other one, once. */
const tour = [
  ...[single, alternating, single, awsSingle, single, awsAlternating],
  ...[alternating, awsSingle, alternating, awsAlternating, awsSingle, awsAlternating, single],
];

const addTodo = { method: "POST", body: '{"title":"x"}', headers: { "content-type": "application/json" } };

/** Reads the todos, or does something else with them. */
async function send({ url }: TodoApp, init: RequestInit = {}): Promise<void> {
  const response = await fetch(`${url}/api/todos`, init);
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${body}`);
}

/** A service that keeps the credential from its start, as ECS injects it. */
async function startInjected(stack: TestStack, environment: Readonly<Record<string, string>>): Promise<TodoApp> {
  return startTodoApp({
    program: [
      "--require",
      join(__dirname, "../../tsx.cjs"),
      join(__dirname, "../../demo/clients/server.ts"),
      "injected-credential",
    ],
    environment: {
      ...environment,
      DATABASE_SECRET: JSON.stringify(await stack.readValue()),
      PGSSLROOTCERT: stack.postgres.caFile,
    },
  });
}

describe("a running stack whose way to rotate changes", () => {
  let stack: TestStack;
  let changing: ChangingStack;
  let app: TodoApp;
  let injected: TodoApp;
  let injectedFailures = 0;

  before(async () => {
    stack = await startStack({ strategy: "single-user" });
    changing = new ChangingStack(stack);
    assert.equal((await stack.rotate()).succeeded, true);
    // Every session is replaced after a few statements, so that each change of the credential is met immediately.
    const environment = { DATABASE_CONNECTION_MAX_USES: "3" };
    app = await startApp(stack, environment);
    injected = await startInjected(stack, environment);
    await send(injected); // it fails only later
  });
  after(async () => {
    await Promise.all([app.stop(), injected.stop()]);
    await changing.stop();
    await stack.stop();
  });

  for (const [index, to] of tour.slice(1).entries()) {
    const from = tour[index] ?? single;
    it(`fails no request and locks nobody out, from ${nameOf(from)} to ${nameOf(to)}`, async () => {
      const request = async (number: number) => {
        await send(injected).catch(() => (injectedFailures += 1));
        await send(app, number % 10 === 0 ? addTodo : {});
      };
      const change = async () => {
        await changing.up(to);
        for (let rotations = 0; rotations < 2; rotations++) {
          const outcome = await changing.rotate();
          assert.equal(outcome.succeeded, true, outcome.error);
          assert(await canLogIn(stack, await stack.readLogin()));
        }
      };
      const { failures } = await loadWhile(change, { requests: 200, workers: 6, request });
      assert.deepEqual(failures, []);
      const isAlternating = to.rotationStrategy === "alternating-users";
      assert.equal(await canLogIn(stack, await stack.readLogin("AWSPREVIOUS")), isAlternating);
      const { masterarn } = await stack.readValue();
      assert.equal(masterarn, isAlternating ? stack.superuserSecretArn : undefined);
      await query(stack, await stack.readLogin(), "update todos set title = title"); // regardless of who wrote them
    });
  }

  it("fails requests of a service that keeps its first credential, which shows that the load notices", () => {
    assert(injectedFailures > 0);
  });
});

for (const strategy of ["single-user", "alternating-users"] as const) {
  describe(`a rotation (${strategy}) that one function begins and another ends`, () => {
    for (const first of ["custom", "aws-provided"] as const) {
      for (const count of [1, 2, 3]) {
        it(`after ${steps.slice(0, count).join(", ")} of the ${first} one`, async () => {
          const environment = { ROTATION_IMPLEMENTATION: "aws-provided" };
          const stack = await startStack({ strategy, environment });
          const aws = { ...stack, rotateFunction: awsRotationFunction(stack, strategy) };
          const [beginner, finisher] = first === "custom" ? [stack, aws] : [aws, stack];
          const token = await beginRotation(stack);
          for (const [index, step] of steps.entries()) {
            assertSucceeded(await invokeStep(index < count ? beginner : finisher, step, token));
          }
          assert(await canLogIn(stack, await stack.readLogin()));
          assert.deepEqual(
            [(await stack.readLogin()).username, (await stack.readValue()).ssl],
            [strategy === "single-user" ? stack.username : `${stack.username}_clone`, true],
          );
          await aws.rotateFunction.stop();
          await stack.stop();
        });
      }
    }
  });
}

describe("a change in the middle of a rotation", () => {
  for (const [from, to, refusingStep, count] of [
    [single, alternating, "setSecret", 1],
    [single, alternating, undefined, 2],
    [single, alternating, undefined, 3],
    [alternating, single, "setSecret", 1],
    [alternating, single, "testSecret", 2],
    [alternating, single, undefined, 3],
  ] as const) {
    const end = refusingStep === undefined ? "is finished" : `is refused by ${refusingStep}, and locks nobody out`;
    it(`from ${nameOf(from)} to ${nameOf(to)}, after ${steps[count - 1] ?? ""}: ${end}`, async () => {
      const stack = await startStack({ strategy: from.rotationStrategy });
      const changing = new ChangingStack(stack);
      const token = await beginRotation(stack);
      for (const step of steps.slice(0, count)) assertSucceeded(await invokeStep(stack, step, token));
      const changed = { ...stack, rotateFunction: changing.startRotateFunction(to) };
      for (const step of steps.slice(count)) {
        const result = await invokeStep(changed, step, token);
        if (step === refusingStep) {
          assertFailed(result, "CredentialMismatchError", /^username of AWSPENDING/);
          break;
        }
        assertSucceeded(result);
      }
      assert(await canLogIn(stack, await stack.readLogin()));
      await changed.rotateFunction.stop();
      await stack.stop();
    });
  }

  it("to another function is refused by Secrets Manager, and changes nothing", async () => {
    const stack = await startStack({
      strategy: "single-user",
      environment: { ROTATION_IMPLEMENTATION: "aws-provided" },
    });
    const changing = new ChangingStack(stack);
    const token = await beginRotation(stack);
    assertSucceeded(await invokeStep(stack, "createSecret", token));
    const value = await stack.readValue();
    await assert.rejects(changing.up(awsSingle), /previous rotation isn't complete/);
    assert.deepEqual(await stack.readValue(), value);
    for (const step of steps.slice(1)) assertSucceeded(await invokeStep(stack, step, token));
    await changing.stop();
    await stack.stop();
  });
});

describe("AWS's function with this stack's roles", () => {
  async function rotateWith(how: HowToRotate, bootstrapped: HowToRotate) {
    const stack = await startStack({ strategy: how.rotationStrategy, bootstrapped: false });
    const changing = new ChangingStack(stack);
    await changing.bootstrap(bootstrapped);
    const fn = awsRotationFunction(stack, how.rotationStrategy);
    const token = await beginRotation(stack);
    const log = watchServerLog(stack);
    const results = [];
    for (const step of steps) {
      const result = await invokeStep({ ...stack, rotateFunction: fn }, step, token);
      results.push(result);
      if (result.functionError !== undefined) break; // as Secrets Manager does
    }
    await fn.stop();
    return { stack, fn, log, results };
  }

  it("cannot change the password of a user that runs as the owner role, and locks no one out by trying", async () => {
    const { stack, results } = await rotateWith(awsSingle, single);
    assertFailed(results[1] ?? assert.fail(), "error", /permission denied to alter role/);
    assert(await canLogIn(stack, await stack.readLogin()));
    await stack.stop();
  });

  it("creates a second user outside the owner role, unless bootstrap has created it", async () => {
    const members = (stack: TestStack) =>
      querySuperuser(
        stack,
        "select member::regrole::text from pg_auth_members where roleid = $1::regrole and not admin_option order by 1",
        [stack.ownerRole],
      );
    const without = await rotateWith(awsAlternating, alternating);
    without.results.forEach(assertSucceeded);
    assert.doesNotMatch(JSON.stringify(await members(without.stack)), /_clone/);
    const withIt = await rotateWith(awsAlternating, awsAlternating);
    withIt.results.forEach(assertSucceeded);
    assert.match(JSON.stringify(await members(withIt.stack)), /_clone/);
    await Promise.all([without.stack.stop(), withIt.stack.stop()]);
  });

  it("makes the calls and logins that docs/strategies.md lists", async () => {
    for (const [how, calls, logins] of [
      [awsSingle, 14, 2],
      [awsAlternating, 15, 3],
    ] as const) {
      const { stack, fn, log } = await rotateWith(how, how);
      assert.equal(stack.secretsManager.calls.filter(({ source }) => source === fn.name).length, calls);
      const authorized = () => log.text().match(/connection authorized: user=/g)?.length ?? 0;
      await until(() => authorized() >= logins);
      assert.deepEqual([authorized(), fn.refusedLogins.total], [logins, 1]);
      await stack.stop();
    }
  });

  it("has one login refused per rotation, and with the previous secret a second one, without TLS", async () => {
    for (const [bootstrapped, refused] of [
      [awsAlternating, { total: 1, withoutTls: 0 }],
      [alternating, { total: 2, withoutTls: 1 }],
    ] as const) {
      const { stack, fn } = await rotateWith(awsAlternating, bootstrapped);
      assert.deepEqual(fn.refusedLogins, refused);
      await stack.stop();
    }
  });

  it("sends the password in cleartext, so a server that logs statements logs it", async () => {
    const { stack, log, results } = await rotateWith(awsSingle, awsSingle);
    results.forEach(assertSucceeded);
    const { password } = await stack.readLogin();
    await until(() => log.text().includes("ALTER USER"));
    assert(log.text().includes(password));
    await stack.stop();
  });
});
