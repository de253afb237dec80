import { DeleteSecretCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { join } from "node:path";
import { bundles } from "../../bundle";
import { metricNamespace } from "../../contract/metrics";
import { type FunctionErrorPayload, type LocalFunction, startFunction } from "../../local/lambda";
import { type AgeReport, reportAges } from "../../rotation-fn/report-age";
import { SecretStore } from "../../rotation-fn/secret-store";
import { readDataPoints } from "../support/embedded-metric-format";
import { waitUntil } from "../support/processes";
import { secretsManagerForTests } from "../support/secrets-manager";

const bundleFile = join(__dirname, "..", "..", bundles["rotation-fn"].outputFile);
const rotatingFunctionFile = join(__dirname, "..", "support", "rotating-function.mjs");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe("the age gauge", () => {
  let agoMs = 0; // how far the endpoint's clock is behind
  const endpoint = secretsManagerForTests({ now: () => new Date(Date.now() - agoMs), rotationAttempts: 1 });

  beforeEach(() => {
    agoMs = 0;
  });

  /** Invokes the bundle's function, with only the endpoint and the given variables in its environment. */
  async function invoke(environment: Record<string, string>) {
    const { endpointUrl } = endpoint.server;
    const fn = startFunction({
      name: "report-age",
      bundleFile,
      handler: "reportAge",
      execPath: process.env.BUNDLE_NODE ?? process.execPath,
      environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpointUrl, ...environment },
    });
    try {
      const result = await fn.invoke({ source: "aws.scheduler" });
      await waitUntil(
        () => fn.logs.some((line) => /"message":"(succeeded|failed)"/.test(line)),
        "the outcome is logged",
      );
      return { ...result, logs: [...fn.logs], dataPoints: readDataPoints(fn.logs) };
    } finally {
      await fn.stop();
    }
  }

  const oneSecret = (secretArn: string, username = "todo") => `${secretArn},${username},owner,single-user`;

  /** What the function publishes about one secret, by its code in this process. */
  async function report(SecretId: string): Promise<AgeReport> {
    const reports: AgeReport[] = [];
    await reportTo(reports, SecretId);
    const [only, ...others] = reports;
    assert(only && others.length === 0);
    return only;
  }

  function reportTo(reports: AgeReport[], SecretId: string): Promise<void> {
    const store = new SecretStore(endpoint.client, SecretId);
    return reportAges([store], new Date(), (_store, one) => void reports.push(one));
  }

  const rotating = new Map<string, LocalFunction>();
  after(() => Promise.all([...rotating.values()].map((fn) => fn.stop())));

  /** Begins a rotation in the past, which succeeds or, if the function fails at its first step, stays as it is. */
  async function rotate(SecretId: string, handler: "rotate" | "failAtCreateSecret", startedAgoMs: number) {
    const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint.server.endpointUrl };
    const options = { name: handler, bundleFile: rotatingFunctionFile, handler, environment };
    const fn = rotating.get(handler) ?? startFunction(options);
    rotating.set(handler, fn);
    endpoint.server.registerFunction(fn);
    agoMs = startedAgoMs;
    await endpoint.client.rotateSecret({ SecretId, RotationLambdaARN: fn.arn });
    const { succeeded } = await endpoint.server.whenRotated(SecretId);
    assert.equal(succeeded, handler === "rotate");
    agoMs = 0;
  }

  it("is published in the embedded metric format, under the secret's name, and needs no other setting", async () => {
    const { SecretId, name: secretName } = await endpoint.createSecret();
    const { payload, dataPoints } = await invoke({ DATABASE_SECRETS: oneSecret(SecretId) });
    const published = Object.fromEntries(dataPoints.map(({ name, value }) => [name, value]));
    assert.deepEqual(payload, { [secretName]: published }, "the answer is what was published");
    assert.deepEqual(
      dataPoints.map(({ namespace, name, unit, dimensions }) => ({ namespace, name, unit, dimensions })),
      ["DaysSinceLastRotation", "RotationEnabled", "PendingVersionStuck"].map((name) => ({
        ...{ namespace: metricNamespace, name, unit: "None" },
        dimensions: { SecretName: secretName },
      })),
    );
  });

  it("is also published if Lambda wraps what the console prints, as its JSON log format does", async () => {
    const { SecretId } = await endpoint.createSecret();
    const wrap = `for (const method of ["log", "info", "error"])
      console[method] = (message) => process.stdout.write(JSON.stringify({ level: method, message }) + "\\n");
      console.log("wrapped");`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(wrap)}`;
    const { dataPoints, logs } = await invoke({ DATABASE_SECRETS: oneSecret(SecretId), NODE_OPTIONS });
    assert(logs.includes('{"level":"log","message":"wrapped"}'));
    assert.equal(dataPoints.length, 3);
  });

  it("is published for every secret, even if another one cannot be read", async () => {
    const [first, gone, last] = [
      await endpoint.createSecret(),
      await endpoint.createSecret(),
      await endpoint.createSecret(),
    ];
    const DATABASE_SECRETS = [first, gone, last].map(({ SecretId }, i) => oneSecret(SecretId, `user_${i}`)).join(" ");
    const namesOf = ({ dataPoints }: { dataPoints: { dimensions: object }[] }) => [
      ...new Set(dataPoints.map(({ dimensions }) => (dimensions as { SecretName: string }).SecretName)),
    ];
    const all = await invoke({ DATABASE_SECRETS });
    assert.deepEqual(namesOf(all), [first.name, gone.name, last.name]);
    assert.deepEqual(Object.keys(all.payload as object), [first.name, gone.name, last.name]);
    await endpoint.client.send(new DeleteSecretCommand({ SecretId: gone.SecretId }));
    const rest = await invoke({ DATABASE_SECRETS });
    assert.deepEqual(namesOf(rest), [first.name, last.name]);
    assert.equal(rest.functionError, "Unhandled");
    assert.equal(rest.payload.errorType, "SecretDeletedError");
  });

  it("counts from the last rotation, in days", async () => {
    agoMs = 9 * dayMs;
    const { SecretId } = await endpoint.createSecret();
    await rotate(SecretId, "rotate", 2.25 * dayMs);
    const { DaysSinceLastRotation, ...rest } = await report(SecretId);
    assert.equal(DaysSinceLastRotation.toFixed(2), "2.25");
    assert.deepEqual(rest, { RotationEnabled: 1, PendingVersionStuck: 0 });
  });

  it("counts from the creation of a secret that was never rotated", async () => {
    agoMs = 3.5 * dayMs;
    const { SecretId } = await endpoint.createSecret();
    agoMs = 0;
    const { DaysSinceLastRotation, RotationEnabled } = await report(SecretId);
    assert.equal(DaysSinceLastRotation.toFixed(2), "3.50");
    assert.equal(RotationEnabled, 0);
  });

  it("shows that rotation was switched off", async () => {
    const { SecretId } = await endpoint.createSecret();
    await rotate(SecretId, "rotate", 0);
    await endpoint.client.cancelRotateSecret({ SecretId });
    assert.equal((await report(SecretId)).RotationEnabled, 0);
  });

  it("shows a pending version as stuck after an hour", async () => {
    const { SecretId } = await endpoint.createSecret();
    await rotate(SecretId, "failAtCreateSecret", hourMs + 1);
    assert.equal((await report(SecretId)).PendingVersionStuck, 1);
  });

  it("does not take a running rotation for a stuck one, and asks no more if there is no candidate", async () => {
    const { SecretId } = await endpoint.createSecret();
    endpoint.server.clearCalls();
    assert.equal((await report(SecretId)).PendingVersionStuck, 0);
    assert.deepEqual(operations(), ["DescribeSecret"]);
    await rotate(SecretId, "failAtCreateSecret", hourMs - 60_000);
    endpoint.server.clearCalls();
    assert.equal((await report(SecretId)).PendingVersionStuck, 0);
    assert.deepEqual(operations(), ["DescribeSecret", "ListSecretVersionIds"]);
  });

  it("does not report AWSPENDING on AWSCURRENT's version as stuck, because that rotation has ended", async () => {
    agoMs = 2 * hourMs;
    const { SecretId, versionId } = await endpoint.createSecret();
    const label = { SecretId, VersionStage: "AWSPENDING", MoveToVersionId: versionId };
    await endpoint.client.updateSecretVersionStage(label);
    agoMs = 0;
    assert.equal((await report(SecretId)).PendingVersionStuck, 0);
  });

  const failures: [what: string, arrange: (SecretId: string) => Promise<unknown>, errorType: string][] = [
    ["deleted", (SecretId) => endpoint.client.send(new DeleteSecretCommand({ SecretId })), "SecretDeletedError"],
    [
      "gone",
      (SecretId) => endpoint.client.deleteSecret({ SecretId, ForceDeleteWithoutRecovery: true }),
      "SecretNotFoundError",
    ],
  ];
  for (const [what, arrange, errorType] of failures) {
    it(`publishes nothing about a secret that is ${what}, and fails`, async () => {
      const { SecretId } = await endpoint.createSecret();
      await arrange(SecretId);
      const reports: AgeReport[] = [];
      await assert.rejects(reportTo(reports, SecretId), { name: errorType });
      assert.deepEqual(reports, []);
    });
  }

  it("says which setting is missing", async () => {
    const { payload, dataPoints } = await invoke({});
    assert.equal((payload as FunctionErrorPayload).errorType, "MissingSettingError");
    assert.match((payload as FunctionErrorPayload).errorMessage, /^DATABASE_SECRETS: received nothing/);
    assert.deepEqual(dataPoints, []);
  });

  const operations = () => endpoint.server.calls.map(({ operation }) => operation);
});
