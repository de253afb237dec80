import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import {
  startFunction,
  type FunctionErrorPayload,
  type FunctionOptions,
  type LocalFunction,
} from "../../../local/lambda";
import { isRunning, waitUntil } from "../../support/processes";
import { temporaryFolder } from "../../support/temporary-folder";

const bundle = `
  let invocations = 0;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  export const echo = async (event) => event;
  export const environment = async () => process.env;
  export const nodeArguments = async () => process.execArgv;
  export const count = async () => ({ pid: process.pid, invocations: ++invocations });
  export const countThenFail = async () => { throw new Error(\`invocation \${++invocations}\`); };
  export const context = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });
  export const nothing = async () => {};
  export const circular = async () => { const value = {}; value.self = value; return value; };
  export const fail = async () => {
    throw Object.assign(new RangeError("no such step"), { name: "UnknownStepError", field: "Step" });
  };
  export const failWithText = async () => { throw "just text"; };
  export const exit = async () => process.exit(3);
  export const hang = async (event) => { if (event.hang) await pause(60_000); return process.pid; };
  export const speak = async () => { console.log("first line\\nsecond line"); console.error("third line"); };
  export const speakOften = async () => { console.log("a line\\n".repeat(11_000)); };
  export const meet = async () => { await pause(200); return process.pid; };
  export const notAFunction = 1;
`;

describe("startFunction", () => {
  const folder = temporaryFolder();
  const started: LocalFunction[] = [];
  let bundleFile = "";

  before(() => {
    bundleFile = folder.write("bundle.mjs", bundle);
  });
  afterEach(() => Promise.all(started.splice(0).map((fn) => fn.stop())));

  function start(handler: string, options: Partial<FunctionOptions> = {}): LocalFunction {
    const fn = startFunction({ name: "rotate", bundleFile, handler, environment: {}, ...options });
    started.push(fn);
    return fn;
  }

  /** The payload of an invocation that must fail. */
  async function failureOf(fn: LocalFunction, event: unknown = {}): Promise<FunctionErrorPayload> {
    const { functionError, payload } = await fn.invoke(event);
    assert.equal(functionError, "Unhandled");
    return payload;
  }

  it("answers with what the handler returns, and null for nothing", async () => {
    assert.deepEqual(await start("echo").invoke({ Step: "createSecret" }), { payload: { Step: "createSecret" } });
    assert.deepEqual(await start("nothing").invoke({}), { payload: null });
  });

  it("gives the function Lambda's environment and the given one, and nothing from its parent's", async () => {
    process.env.LEAKS_INTO_FUNCTION = "yes";
    try {
      const { payload } = await start("environment", { environment: { PGSSLROOTCERT: "/ca.pem" } }).invoke({});
      // NODE_CHANNEL_…: Node tells the child where its parent is.
      const names = Object.entries(payload as object).filter(([name]) => !name.startsWith("NODE_CHANNEL_"));
      assert.deepEqual(Object.fromEntries(names), {
        PATH: process.env.PATH,
        LANG: "en_US.UTF-8",
        TZ: ":UTC",
        AWS_REGION: "us-east-1",
        AWS_DEFAULT_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "rotate",
        AWS_SECRET_ACCESS_KEY: "example-secret-access-key",
        AWS_LAMBDA_FUNCTION_NAME: "rotate",
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
        PGSSLROOTCERT: "/ca.pem",
      });
    } finally {
      delete process.env.LEAKS_INTO_FUNCTION;
    }
  });

  it("does not pass its parent's Node options to the function", async () => {
    process.execArgv.push("--no-deprecation");
    try {
      assert.deepEqual(await start("nodeArguments").invoke({}), { payload: [] });
    } finally {
      process.execArgv.pop();
    }
  });

  it("gives the handler Lambda's context", async () => {
    const { payload } = await start("context", { timeoutSeconds: 30 }).invoke({});
    const { awsRequestId, remaining, ...context } = payload as Record<string, unknown>;
    assert.match(String(awsRequestId), /^[0-9a-f-]{36}$/);
    assert.ok(Number(remaining) > 0 && Number(remaining) <= 30_000, `remaining ${String(remaining)} ms of 30 s`);
    assert.deepEqual(context, {
      functionName: "rotate",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:rotate",
      memoryLimitInMB: "256",
    });
  });

  it("reuses a warm process for the next invocation", async () => {
    const fn = start("count");
    const first = (await fn.invoke({})).payload as { pid: number };
    assert.deepEqual((await fn.invoke({})).payload, { pid: first.pid, invocations: 2 });
  });

  it("runs concurrent invocations in separate processes", async () => {
    const fn = start("meet");
    const results = await Promise.all([fn.invoke({}), fn.invoke({}), fn.invoke({})]);
    assert.equal(new Set(results.map(({ payload }) => payload)).size, 3);
  });

  it("reports a thrown error as Lambda does", async () => {
    const { trace, ...error } = await failureOf(start("fail"));
    assert.deepEqual(error, { errorType: "UnknownStepError", errorMessage: "no such step" });
    assert.match(trace?.join("\n") ?? "", /bundle\.mjs/);
  });

  it("logs a thrown error with all of its properties, as Lambda does", async () => {
    const fn = start("fail");
    await fn.invoke({});
    await fn.stop();
    const line = fn.logs.find((text) => text.startsWith("ERROR\tInvoke Error\t"));
    assert.match(line ?? "", /"errorType":"UnknownStepError","errorMessage":"no such step".*"field":"Step"/);
  });

  it("keeps a process whose handler threw for the next invocation", async () => {
    const fn = start("countThenFail");
    for (const number of [1, 2]) assert.equal((await failureOf(fn)).errorMessage, `invocation ${number}`);
  });

  it("reports a thrown value that is not an Error by its type", async () => {
    assert.deepEqual(await start("failWithText").invoke({}), {
      functionError: "Unhandled",
      payload: { errorType: "string", errorMessage: "just text", trace: [] },
    });
  });

  it("reports an answer that JSON cannot hold as the function's error", async () => {
    assert.equal((await failureOf(start("circular"))).errorType, "TypeError");
  });

  for (const handler of ["absent", "notAFunction"]) {
    it(`reports a handler that is ${handler === "absent" ? "not exported" : "no function"}`, async () => {
      const { errorType, errorMessage } = await failureOf(start(handler));
      assert.equal(errorType, "Runtime.HandlerNotFound");
      assert.equal(errorMessage, `index.${handler} is undefined or not exported`);
    });
  }

  it("reports a bundle that cannot be imported, at each invocation", async () => {
    const broken = folder.write("broken.mjs", "throw new TypeError('settings are wrong');");
    const fn = start("echo", { bundleFile: broken });
    for (const { errorType, errorMessage } of [await failureOf(fn), await failureOf(fn)]) {
      assert.deepEqual([errorType, errorMessage], ["TypeError", "settings are wrong"]);
    }
  });

  it("reports a process that exits by itself", async () => {
    const { errorType, errorMessage } = await failureOf(start("exit"));
    assert.equal(errorType, "Runtime.ExitError");
    assert.match(errorMessage, /^RequestId: \S{36} Error: Runtime exited with error: exit status 3$/);
  });

  it("kills a process that exceeds the timeout, and serves the next invocation from a new one", async () => {
    const fn = start("hang", { timeoutSeconds: 0.5 });
    const first = (await fn.invoke({})).payload;
    const { errorType, errorMessage } = await failureOf(fn, { hang: true });
    assert.equal(errorType, "Sandbox.Timedout");
    assert.match(errorMessage, /^RequestId: \S{36} Error: Task timed out after 0\.50 seconds$/);
    const third = (await fn.invoke({})).payload;
    assert.notEqual(third, first);
    assert.throws(() => process.kill(first as number, 0), { code: "ESRCH" });
  });

  it("collects the lines of stdout and stderr, in order for each", async () => {
    const seen: string[] = [];
    const fn = start("speak", { onLog: (line) => seen.push(line) });
    await fn.invoke({});
    await fn.stop();
    assert.deepEqual([...fn.logs].sort(), ["first line", "second line", "third line"]);
    assert.deepEqual(seen, fn.logs);
  });

  it("keeps the last 10,000 lines only", async () => {
    const seen: string[] = [];
    const fn = start("speakOften", { onLog: (line) => seen.push(line) });
    await fn.invoke({});
    await fn.stop();
    assert.equal(fn.logs.length, 10_000);
    assert.ok(seen.length >= 11_000);
  });

  it("runs the bundle under the Node that execPath names", async () => {
    const wrapper = folder.write("node-wrapper.sh", `#!/bin/sh\nNODE_IS_WRAPPED=yes exec '${process.execPath}' "$@"\n`);
    chmodSync(wrapper, 0o755);
    const { payload } = await start("environment", { execPath: wrapper }).invoke({});
    assert.equal((payload as Record<string, string>).NODE_IS_WRAPPED, "yes");
  });

  it("rejects when execPath names nothing that runs", async () => {
    await assert.rejects(start("echo", { execPath: "/nowhere/node" }).invoke({}), { code: "ENOENT" });
  });

  it("ends every process on stop, including those with a running invocation, and refuses the next invocation", async () => {
    const fn = start("hang");
    const pid = (await fn.invoke({})).payload as number;
    const underWay = failureOf(fn, { hang: true });
    await fn.stop();
    assert.equal((await underWay).errorType, "Runtime.ExitError");
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    await assert.rejects(fn.invoke({}), /invocation after stop/);
  });

  it("leaves no process behind when the program that started it is killed", async () => {
    const program = `
      import { startFunction } from ${JSON.stringify(join(__dirname, "../../../local/lambda"))};
      const fn = startFunction({ name: "rotate", bundleFile: process.argv[2], handler: "count", environment: {} });
      void fn.invoke({}).then(({ payload }) => { console.log((payload as { pid: number }).pid); });
    `;
    const file = folder.write("program.ts", program);
    const parent = spawn(process.execPath, ["--require", join(__dirname, "../../../tsx.cjs"), file, bundleFile]);
    const [output] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(output.toString());
    process.kill(pid, 0); // it is running
    parent.kill("SIGKILL");
    await waitUntil(() => !isRunning(pid), "the function's process has ended");
  });
});
