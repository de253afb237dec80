import { RotateSecretCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import type { HttpServer } from "../support/http";
import {
  assertSucceeded,
  beginRotation,
  canLogIn,
  invokeStep,
  putValue,
  querySuperuser,
  removeLabel,
  runSteps,
  steps,
  watchServerLog,
} from "../support/rotation";
import { startStack, type TestStack } from "../support/stack";
import { type Exchange, startTap } from "../support/tap";
import { until } from "../support/until";

const expectations = {
  "single-user": {
    calls: [
      ["DescribeSecret", "GetSecretValue", "PutSecretValue"],
      ["DescribeSecret", "GetSecretValue", "GetSecretValue"],
      ["DescribeSecret", "GetSecretValue"],
      ["DescribeSecret", "UpdateSecretVersionStage"],
    ],
    logins: ["user", "user"],
    oldCredentialLogsIn: false,
  },
  "alternating-users": {
    calls: [
      ["DescribeSecret", "GetSecretValue", "PutSecretValue"],
      ["DescribeSecret", "GetSecretValue", "GetSecretValue", "GetSecretValue"],
      ["DescribeSecret", "GetSecretValue"],
      ["DescribeSecret", "UpdateSecretVersionStage"],
    ],
    logins: ["user", "superuser", "user_clone"],
    oldCredentialLogsIn: true,
  },
} as const;

for (const strategy of ["single-user", "alternating-users"] as const) {
  const expected = expectations[strategy];

  describe(`a rotation (${strategy})`, () => {
    let stack: TestStack;

    before(async () => {
      stack = await startStack({ strategy });
    });
    after(() => stack.stop());

    const functionCalls = () => stack.secretsManager.calls.filter(({ source }) => source === stack.rotateFunction.name);

    it("makes no unnecessary Secrets Manager call or login, and no failed login", async () => {
      stack.secretsManager.clearCalls();
      const log = watchServerLog(stack);
      assert.equal((await stack.rotate()).error, undefined);
      assert.deepEqual(
        functionCalls().map(({ operation }) => operation),
        expected.calls.flat(),
      );
      const names = { [stack.username]: "user", [stack.postgres.administrator.username]: "superuser" };
      assert.deepEqual(
        log.logins().map((user = "") => names[user] ?? user.replace(stack.username, "user")),
        expected.logins,
      );
      assert.equal(log.failedLogins(), 0);
    });

    it("gives each version its own password, which logs in as soon as it is AWSCURRENT", async () => {
      const passwords = new Set<string>();
      for (let rotation = 1; rotation <= 3; rotation++) {
        const old = await stack.readLogin();
        assert.equal((await stack.rotate()).succeeded, true);
        const login = await stack.readLogin();
        assert(await canLogIn(stack, login));
        assert.equal(await canLogIn(stack, old), expected.oldCredentialLogsIn);
        assert.equal(login.password.length, 32);
        passwords.add(login.password);
      }
      assert.equal(passwords.size, 3);
    });

    it("does nothing when a step is repeated", async () => {
      const token = await beginRotation(stack);
      for (const step of steps.slice(0, 3)) {
        assertSucceeded(await invokeStep(stack, step, token));
        const login = await stack.readLogin("AWSPENDING");
        assertSucceeded(await invokeStep(stack, step, token));
        assert.deepEqual(await stack.readLogin("AWSPENDING"), login);
      }
      const login = await stack.readLogin("AWSPENDING");
      await runSteps(stack, token, ["finishSecret"]);
      assert.deepEqual(await stack.readLogin(), login);
      stack.secretsManager.clearCalls();
      await runSteps(stack, token, steps);
      assert.deepEqual(
        functionCalls().map(({ operation }) => operation),
        ["DescribeSecret", "DescribeSecret", "DescribeSecret", "DescribeSecret"],
      );
      assert(await canLogIn(stack, await stack.readLogin()));
      await removeLabel(stack, "AWSPENDING", token);
    });

    it("proves with the rotation's token that the value it puts belongs to that rotation", async () => {
      const puts: unknown[] = [];
      const note = ({ operation, input }: Exchange) => {
        if (operation === "PutSecretValue") puts.push(input.RotationToken);
      };
      let tap: HttpServer | undefined;
      const through = async (url: string) => (tap = await startTap(url, note)).url;
      const tapped = await startStack({ strategy, through });
      const bootstrapPuts = puts.length;
      await runSteps(tapped, await beginRotation(tapped), ["createSecret"]);
      assert.deepEqual(puts.slice(bootstrapPuts), ["example-rotation-token"]);
      await tapped.stop();
      await tap?.stop();
    });

    it("keeps unknown keys, and the port as it was written", async () => {
      const value = { ...(await stack.readValue()), port: String(stack.postgres.port), sslmode: "verify-full" };
      await putValue(stack, value);
      assert.equal((await stack.rotate()).error, undefined);
      const { password, username, ...rest } = await stack.readValue();
      assert.deepEqual({ ...value, password, username }, { ...rest, password, username });
      assert.notEqual(password, (value as { password?: string }).password);
    });

    it("only tests the current credential when rotation is set up without rotating immediately", async () => {
      const login = await stack.readLogin();
      await stack.client.send(
        new RotateSecretCommand({
          SecretId: stack.secretArn,
          RotationLambdaARN: stack.rotateFunction.arn,
          RotateImmediately: false,
        }),
      );
      assert.deepEqual((await stack.secretsManager.whenRotated(stack.secretArn)).error, undefined);
      assert.deepEqual(await stack.readLogin(), login);
      assert(await canLogIn(stack, login));
    });

    it("is completed by a later try when Secrets Manager fails in the middle of each step", async () => {
      for (const operation of ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"]) {
        const old = await stack.readLogin();
        // The SDK tries three times by itself; the fourth call is the rotation's own second try.
        stack.secretsManager.inject({ operation, times: 3, error: "InternalServiceError" });
        assert.equal((await stack.rotate()).error, undefined, operation);
        stack.secretsManager.clearFaults();
        assert.notDeepEqual(await stack.readLogin(), old);
        assert(await canLogIn(stack, await stack.readLogin()));
      }
    });

    it("reads the pending value again when the store does not return it yet", async () => {
      const token = await beginRotation(stack);
      await runSteps(stack, token, ["createSecret"]);
      await runSteps(stack, token, ["setSecret"]);
      stack.secretsManager.inject({ operation: "GetSecretValue", times: 2, error: "ResourceNotFoundException" });
      await runSteps(stack, token, ["testSecret", "finishSecret"]);
      await removeLabel(stack, "AWSPENDING", token);
    });

    it("keeps every password and the rotation token out of every log", async () => {
      const passwords = [(await stack.readLogin()).password, stack.postgres.administrator.password];
      const token = await beginRotation(stack);
      const log = watchServerLog(stack);
      for (const step of steps) {
        assertSucceeded(await invokeStep(stack, step, token));
        passwords.push((await stack.readLogin(step === "finishSecret" ? "AWSCURRENT" : "AWSPENDING")).password);
      }
      await removeLabel(stack, "AWSPENDING", token);
      await querySuperuser(stack, "select 'sentinel-of-the-server-log'");
      await stack.rotateFunction.invoke({ Step: "sentinel-of-the-function-log" });
      await until(() => stack.rotateFunction.logs.some((line) => line.includes("sentinel-of-the-function-log")));

      const serverLog = log.text();
      const functionLog = stack.rotateFunction.logs.join("\n");
      assert(serverLog.includes("sentinel-of-the-server-log"));
      assert(serverLog.includes("SCRAM-SHA-256$4096:"), "the log holds the statements");
      assert(functionLog.includes(token) && functionLog.includes('"step":"finishSecret"'));
      assert.equal(new Set(passwords).size, 3);
      for (const secret of [...passwords, "example-rotation-token"]) {
        assert(!serverLog.includes(secret), "a secret is in the server's log");
        assert(!functionLog.includes(secret), "a secret is in the function's log");
      }
    });

    it("shows the password in the server's log when the server hashes it", async () => {
      const leaky = await startStack({ strategy, environment: { PASSWORD_ENCRYPTION: "server" } });
      const log = watchServerLog(leaky);
      assert.equal((await leaky.rotate()).error, undefined);
      const login = await leaky.readLogin();
      assert(await canLogIn(leaky, login));
      assert(log.text().includes(login.password));
      await leaky.stop();
    });
  });
}
