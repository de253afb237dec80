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

/** How complaints name what they are about. */
const strategies = {
  "single-user": {
    ...{ log: "the log of rotate-tododb_single_user", secret: "password", requests: "logins" },
    notSet: [
      'broken promise "the new credential logs in": the server refuses it',
      'broken promise "the old one is refused": the server still takes it',
    ],
  },
  "api-key": {
    ...{ log: "the log of rotate-demo", secret: "key", requests: "requests" },
    notSet: [
      'broken promise "the service takes the new key": the service refuses it',
      'broken promise "it refuses the old one": the service still takes it',
    ],
  },
} as const;

type Strategy = keyof typeof strategies;

const readCandidate = `
  const { SecretString } = await call("GetSecretValue", { VersionStage: "AWSPENDING" });
  const { password, apiKey } = JSON.parse(SecretString);
`;

const mistakes: readonly {
  readonly what: string;
  readonly code: string;
  readonly complaints: (strategy: (typeof strategies)[Strategy]) => readonly string[];
  /** @default 1 */
  readonly rotations?: number;
  /** Without a database where it makes no difference: that is faster. @default both */
  readonly only?: Strategy;
}[] = [
  {
    what: "logs the credential and the rotation token, asks Secrets Manager once too often, and then sets no credential",
    code: `
      globalThis.first ??= event.ClientRequestToken;
      if (event.ClientRequestToken !== first) {
        if (event.Step !== "setSecret" && event.Step !== "testSecret") await real(event, context);
        return;
      }
      await real(event, context);
      if (event.Step === "testSecret") await call("DescribeSecret", {}, process.env.AWS_LAMBDA_FUNCTION_NAME);
      if (event.Step !== "createSecret") return;
      ${readCandidate}
      console.log(password ?? apiKey);
      console.error(event);
    `,
    rotations: 2,
    complaints: ({ log, secret, requests, notSet }) => [
      `rotation 1: .*${log} holds the ${secret} of version \\w{8}`,
      `rotation 1: .*${log} holds the token of a rotation`,
      `rotation 1: 11 Secrets Manager calls, 2 ${requests} and 0 failed ${requests}`,
      ...notSet.map((text) => `rotation 2: ${text}`),
    ],
  },
  {
    what: "fails in setSecret, having logged the credential",
    code: `
      if (event.Step === "setSecret") {
        ${readCandidate}
        console.log(apiKey);
        throw new Error("on purpose");
      }
      await real(event, context);
    `,
    complaints: ({ log }) => ["rotation 1: setSecret: Error: on purpose", `${log} holds the key of version`],
    only: "api-key",
  },
  {
    what: "logs nothing that could be searched",
    code: "process.stdout.write = process.stderr.write = () => true; await real(event, context);",
    complaints: ({ log }) => [`${log} cannot be searched`],
    only: "api-key",
  },
];

describe("the demo", () => {
  const folder = temporaryFolder();

  async function run(args: readonly string[], environment: Partial<DemoEnvironment> = {}) {
    let output = "";
    const status = await runDemo(["--quick", "--port", "0", ...args], {
      write: (text) => (output += text),
      writeError: (text) => (output += text),
      folder: folder.path,
      hasColors: false,
      isTerminal: false,
      bundleFile: builtBundle,
      ...environment,
    });
    return { output, status };
  }

  const runMistake = (code: string, ...args: readonly string[]) =>
    run(args, { bundleFile: folder.write("index.mjs", withMistake(code)) });

  for (const { what, code, complaints, rotations = 1, only } of mistakes) {
    for (const strategy of only ? [only] : (["single-user", "api-key"] as const)) {
      it(`reports it and fails when the bundle, with ${strategy}, ${what}`, async () => {
        const { output, status } = await runMistake(code, "--strategy", strategy, "--rotations", `${rotations}`);
        for (const text of complaints(strategies[strategy])) assert.match(output, new RegExp(text));
        assert.match(output, /^Not every promise was kept\.$/m);
        assert.doesNotMatch(output, /requests\/s/); // no load: it would say nothing more
        assert.equal(status, 1);
      });
    }
  }

  it("rotates two users; reports it and fails when the todo service fails a request under load, and finds nothing else wrong", async () => {
    const todoAppProgram = [folder.write("service.mjs", failingService)];
    const args = ["--strategy", "single-user", "--users", "2", "--rotations", "1"];
    const { output, status } = await run(args, { todoAppProgram });
    assert.match(output, /^ {2}users +todo_single_user \(owner\), user_2_single_user \(read-only\)$/m);
    const proofs = "✔ 10 calls, 2 logins, 0 failed  ✔ new one logs in  ✔ old one is refused  ✔ no secret in any log";
    assert.equal(output.split(proofs).length - 1, 2);
    assert.match(output, /single-user, under load: [1-9]\d* of \d+ requests of the todo service failed/);
    assert.match(output, /no request of the todo service fails +✘/);
    assert.equal(output.split("✘").length - 1, 2);
    assert.equal(status, 1);
  });

  it("rotates an API key, without PostgreSQL, load or report", async () => {
    const { output, status } = await run(["--strategy", "api-key", "--rotations", "2"]);
    assert.equal(status, 0);
    const step = String.raw`createSecret \d+ ms  setSecret \d+ ms  testSecret \d+ ms  finishSecret \d+ ms`;
    for (const rotation of ["1/2", "2/2"]) assert.match(output, new RegExp(`rotation ${rotation} .*${step}`));
    const proofs = "✔ 10 calls, 2 requests, 0 failed  ✔ new one is taken  ✔ old one is refused  ✔ no secret in any log";
    assert.equal(output.split(proofs).length - 1, 2);
    assert.match(output, /^Every promise was kept\.$/m);
    assert.doesNotMatch(output, /PostgreSQL|under load|demo-report|logs in/);
  });

  it("says ok: false with --json, with the same figures for an API key as for a database credential", async () => {
    const { output, status } = await runMistake(
      "console.log(event); await real(event, context);",
      ...["--strategy", "api-key", "--rotations", "1", "--json"],
    );
    const { ok, strategies } = JSON.parse(output) as { ok: boolean; strategies: { loginsPerRotation: number }[] };
    assert.deepEqual([ok, status, strategies.map((one) => one.loginsPerRotation)], [false, 1, [2]]);
  });
});
