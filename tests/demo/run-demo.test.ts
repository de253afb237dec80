import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runDemo, type DemoEnvironment } from "../../demo/run-demo";
import { temporaryFolder } from "../support/temporary-folder";

const builtBundle = join(__dirname, "..", "..", "dist", "rotation-fn", "index.mjs");

/** The built bundle with a mistake: `mistake` is what its rotate() does around the real one, `real(event, context)`. */
const withMistake = (mistake: string): string => `
  import { bootstrap, rotate as real } from "${pathToFileURL(builtBundle).href}";
  const call = (operation, input, source) =>
    fetch(process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER, {
      method: "POST",
      headers: {
        "x-amz-target": "secretsmanager." + operation,
        ...(source && { authorization: "AWS4-HMAC-SHA256 Credential=" + source + "/" }),
      },
      body: JSON.stringify({
        SecretId: process.env.DATABASE_SECRETS?.split(",")[0] ?? process.env.API_KEY_SECRET_ARN,
        ...input,
      }),
    }).then((response) => response.json());
  export { bootstrap };
  export const rotate = async (event, context) => { ${mistake} };
`;

/** Answers, and fails every tenth request. */
const failingService = `
  import { createServer } from "node:http";
  let requests = 0;
  const server = createServer((request, response) => response.writeHead(++requests % 10 === 0 ? 500 : 200).end("{}"));
  server.listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ msg: "listening on http://127.0.0.1:" + server.address().port }));
  });
  process.once("SIGTERM", () => {
    console.log("shut down");
    process.exit(0);
  });
`;

const mistakes = [
  {
    what: "logs the password",
    code: `
      await real(event, context);
      if (event.Step !== "createSecret") return;
      const { SecretString } = await call("GetSecretValue", { VersionStage: "AWSPENDING" });
      console.log(JSON.parse(SecretString).password);
    `,
    complaint: /the log of rotate-tododb_single_user holds the password of version \w{8}/,
  },
  {
    what: "logs the rotation token",
    code: "console.error(event); await real(event, context);",
    complaint: /the log of rotate-tododb_single_user holds the token of a rotation/,
  },
  {
    what: "logs nothing that could be searched",
    code: "process.stdout.write = process.stderr.write = () => true; await real(event, context);",
    complaint: /the log of rotate-tododb_single_user cannot be searched/,
  },
  {
    what: "does not set the password",
    code: `if (event.Step !== "setSecret" && event.Step !== "testSecret") await real(event, context);`,
    complaint:
      /the new credential logs in\? the server refuses it[^]*the old one is refused\? the server still takes it/,
  },
  {
    what: "fails in setSecret",
    code: `if (event.Step === "setSecret") throw new Error("on purpose"); await real(event, context);`,
    complaint: /rotation 1: setSecret: Error: on purpose/,
  },
  {
    what: "asks Secrets Manager once too often",
    code: `
      await real(event, context);
      if (event.Step === "testSecret") await call("DescribeSecret", {}, process.env.AWS_LAMBDA_FUNCTION_NAME);
    `,
    complaint: /rotation 1: 11 Secrets Manager calls, 2 logins and 0 failed logins/,
  },
];

const apiKeyMistakes = [
  {
    what: "logs the key",
    code: `
      await real(event, context);
      if (event.Step !== "createSecret") return;
      const { SecretString } = await call("GetSecretValue", { VersionStage: "AWSPENDING" });
      console.log(JSON.parse(SecretString).apiKey);
    `,
    complaint: /the log of rotate-demo holds the key of version \w{8}/,
  },
  {
    what: "logs the rotation token",
    code: "console.error(event); await real(event, context);",
    complaint: /the log of rotate-demo holds the token of a rotation/,
  },
  {
    what: "does not set the key",
    code: `if (event.Step !== "setSecret" && event.Step !== "testSecret") await real(event, context);`,
    complaint: /takes the new key\? the service refuses it[^]*refuses the old one\? the service still takes it/,
  },
  {
    what: "fails in setSecret, having logged the key",
    code: `
      if (event.Step === "setSecret") {
        const { SecretString } = await call("GetSecretValue", { VersionStage: "AWSPENDING" });
        console.log(SecretString);
        throw new Error("on purpose");
      }
      await real(event, context);
    `,
    complaint: /rotation 1: setSecret: Error: on purpose[^]*the log of rotate-demo holds the key of version/,
  },
  {
    what: "asks Secrets Manager once too often",
    code: `
      await real(event, context);
      if (event.Step === "testSecret") await call("DescribeSecret", {}, process.env.AWS_LAMBDA_FUNCTION_NAME);
    `,
    complaint: /rotation 1: 11 Secrets Manager calls, 2 requests and 0 failed requests/,
  },
];

describe("the demo with a bundle that breaks a promise", () => {
  const folder = temporaryFolder();

  async function run(code: string, environment: Partial<DemoEnvironment> = {}, ...args: readonly string[]) {
    let output = "";
    const status = await runDemo(["--strategy", "single-user", "--rotations", "1", "--quick", "--port", "0", ...args], {
      write: (text) => (output += text),
      writeError: (text) => (output += text),
      folder: folder.path,
      hasColors: false,
      isTerminal: false,
      bundleFile: folder.write("index.mjs", withMistake(code)),
      ...environment,
    });
    return { output, status };
  }

  for (const { what, code, complaint } of mistakes) {
    it(`reports it and fails when it ${what}`, async () => {
      const { output, status } = await run(code);
      assert.match(output, complaint);
      assert.match(output, /^Not every promise was kept\.$/m);
      assert.equal(status, 1);
    });
  }

  for (const { what, code, complaint } of apiKeyMistakes) {
    it(`reports it and fails when, rotating an API key, it ${what}`, async () => {
      const { output, status } = await run(code, {}, "--strategy", "api-key");
      assert.match(output, complaint);
      assert.match(output, /^Not every promise was kept\.$/m);
      assert.equal(status, 1);
    });
  }

  it("reports it and fails when the todo service fails a request under load", async () => {
    const program = folder.write("service.mjs", failingService);
    const { output, status } = await run("await real(event, context);", { todoAppProgram: [program] });
    assert.match(output, /single-user, under load: [1-9]\d* of \d+ requests of the todo service failed/);
    assert.match(output, /no request of the todo service fails +✘/);
    assert.equal(status, 1);
  });

  it("says ok: false with --json", async () => {
    const { output, status } = await run("console.log(event); await real(event, context);", {}, "--json");
    assert.equal((JSON.parse(output) as { ok: boolean }).ok, false);
    assert.equal(status, 1);
  });

  it("reports the same for an API key with --json as for a database credential", async () => {
    const { output, status } = await run("await real(event, context);", {}, "--strategy", "api-key", "--json");
    const { ok, strategies } = JSON.parse(output) as { ok: boolean; strategies: { loginsPerRotation: number }[] };
    assert.deepEqual([ok, status, strategies.map((one) => one.loginsPerRotation)], [true, 0, [2]]);
  });

  it("keeps every promise without a mistake", async () => {
    const { output, status } = await run("await real(event, context);");
    assert.match(output, /^Every promise was kept\.$/m);
    assert.equal(status, 0);
  });
});
