import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Client } from "pg";
import type { InvocationResult, LocalFunction } from "../../local/lambda";
import { type PostgresServer, startPostgres } from "../../local/postgres";
import { operatorClient, rotatingSecret } from "../../local/rotating-secret";
import { type SecretsManagerServer, startSecretsManager } from "../../local/secrets-manager";
import { type Exchange, startTap } from "../support/tap";
import { loginConfig } from "../support/postgres";
import { countLogins, recordingFile, type Recording, type RecordedRotation, strategies, toSymbols } from "./recording";

/*
 * Records the calls of AWS's own Python templates, unmodified, the local endpoint's answers, and what PostgreSQL logs:
 *
 *   git clone https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas
 *   pip install boto3 PyGreSQL
 *   npx tsx tests/aws-templates/record.ts aws-secrets-manager-rotation-lambdas
 *
 * It ends with an error if a rotation fails or its password does not log in.
 */

const templates = {
  "single-user": "SecretsManagerRDSPostgreSQLRotationSingleUser",
  "alternating-users": "SecretsManagerRDSPostgreSQLRotationMultiUser",
} as const;

type Strategy = (typeof strategies)[number];

/** The template, in a separate Python process for each invocation. */
function templateFunction(folder: string, template: string, endpointUrl: string): LocalFunction {
  const program = "import json, sys, lambda_function; lambda_function.lambda_handler(json.load(sys.stdin), None)";
  const arn = `arn:aws:lambda:us-east-1:123456789012:function:${template}`;
  const env = {
    ...process.env,
    PYTHONPATH: [join(folder, template), process.env.PYTHONPATH ?? ""].join(":"),
    SECRETS_MANAGER_ENDPOINT: endpointUrl,
    ...{ AWS_DEFAULT_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "template", AWS_SECRET_ACCESS_KEY: "example" },
  };
  return {
    ...{ name: template, arn, logs: [] },
    async invoke(event): Promise<InvocationResult> {
      const child = spawn("python3", ["-c", program], { env, stdio: ["pipe", "ignore", "pipe"] });
      child.stdin.end(JSON.stringify(event));
      const [errors, [exitCode]] = await Promise.all([text(child.stderr), once(child, "exit") as Promise<[number]>]);
      if (exitCode === 0) return { payload: null };
      return { functionError: "Unhandled", payload: { errorType: "Error", errorMessage: errors.slice(-400) } };
    },
    stop: () => Promise.resolve(),
  };
}

async function record(
  strategy: Strategy,
  folder: string,
  commit: string,
  servers: { postgres: PostgresServer; secretsManager: SecretsManagerServer },
): Promise<Recording> {
  const { postgres, secretsManager } = servers;
  const template = templates[strategy];
  const client = operatorClient(secretsManager);
  const username = `template_${strategy.replaceAll("-", "_")}`;
  const administrator = new Client({ ...loginConfig(postgres, postgres.superuser), ssl: false });
  await administrator.connect();
  await administrator.query(`create role ${username} login password 'example-password-1'`);
  await administrator.end();

  const connection = { engine: "postgres", host: postgres.host, port: postgres.port, dbname: "postgres" };
  const create = async (name: string, value: object) =>
    client.send(new CreateSecretCommand({ Name: name, SecretString: JSON.stringify({ ...connection, ...value }) }));
  const superuser = await create(`superuser-${strategy}`, postgres.superuser);
  const value = { username, password: "example-password-1", masterarn: superuser.ARN };
  const { ARN = "", VersionId = "", Name = "" } = await create(`template-${strategy}`, value);

  const exchanges: Exchange[] = [];
  const tap = await startTap(secretsManager.endpointUrl, (exchange) => exchanges.push(exchange));
  const fn = templateFunction(folder, template, tap.url);
  const steps: { step: string; event: unknown; calls: Exchange[] }[] = [];
  const recorded: LocalFunction = {
    ...fn,
    async invoke(event) {
      exchanges.splice(0);
      const result = await fn.invoke(event);
      steps.push({ step: (event as { Step: string }).Step, event, calls: exchanges.splice(0) });
      return result;
    },
  };
  const secret = rotatingSecret(secretsManager, {
    client,
    secretArn: ARN,
    rotateFunction: recorded,
    startRotateFunction: () => recorded,
  });
  const versions = new Map([[VersionId, "<version 0>"]]);
  const superuserVersion = [superuser.VersionId ?? "", "<superuser version>"] as const;
  const symbols = () =>
    new Map([
      ...versions,
      superuserVersion,
      [ARN, "<secret>"],
      [superuser.ARN ?? "", "<superuser secret>"],
      [fn.arn, "<function>"],
      [Name, "<name>"],
    ]);
  const rotations: RecordedRotation[] = [];
  const readLog = () => readFileSync(postgres.logFile, "utf8");
  let logged = 0;
  const keep = async (name: RecordedRotation["name"]): Promise<void> => {
    const log = readLog().slice(logged);
    const { password } = await secret.readValue();
    const kept = steps.map(({ step, calls }) => ({ step, calls: toSymbols(calls, symbols()) as Exchange[] }));
    rotations.push({ name, ...countLogins(log), passwordInServerLog: log.includes(String(password)), steps: kept });
  };
  for (const name of ["first", "second"] as const) {
    steps.splice(0);
    logged = readLog().length;
    const { succeeded, versionId, error = "" } = await secret.rotate();
    if (!succeeded) throw new Error(`${template}: ${error}`);
    versions.set(versionId, `<version ${versions.size}>`);
    await keep(name);
    const { username: user, password } = await secret.readValue();
    const login = new Client({
      ...loginConfig(postgres, { username: String(user), password: String(password) }),
      ssl: false,
    });
    await login.connect();
    await login.end();
  }
  logged = readLog().length;
  const events = steps.splice(0).map(({ event }) => event);
  for (const event of events) {
    const { functionError, payload } = await recorded.invoke(event);
    if (functionError !== undefined) throw new Error(JSON.stringify(payload));
  }
  await keep("repeated");
  client.destroy();
  await tap.stop();
  return { template, commit, rotations };
}

async function main(folder: string): Promise<void> {
  const commit = execFileSync("git", ["-C", folder, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  // Without TLS, which the templates fall back to, because they trust only Lambda's own authorities.
  const [postgres, secretsManager] = await Promise.all([startPostgres({ tls: "off" }), startSecretsManager()]);
  try {
    for (const strategy of strategies) {
      const recording = await record(strategy, folder, commit, { postgres, secretsManager });
      writeFileSync(recordingFile(strategy), `${JSON.stringify(recording, undefined, 2)}\n`);
      console.log(`${strategy}: ${recording.template} rotated twice`);
    }
  } finally {
    await Promise.all([postgres.stop(), secretsManager.stop()]);
  }
}

void main(process.argv[2] ?? "");
