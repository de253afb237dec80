import { PutSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { listStacks } from "../local/stack-config";
import { findPulumi } from "../ops/pulumi-cli";
import { checkState, type ExportedState } from "./support/exported-state";

const root = join(__dirname, "..");
const defaultEndpointUrl = "http://127.0.0.1:5000";
const region = "us-east-1";
const usage = `npm run lifecycle -- <environment> [--state FILE]

Runs pulumi up, preview, export and destroy of one stack with the real Pulumi CLI and AWS provider against moto, an AWS
in memory, and checks the exported state: no value missing, no credential. Takes 6 to 12 minutes.

environment   ${listStacks(root).join(", ")}
--state       where to write the exported state; default: nowhere

It needs a Pulumi CLI, the plugins aws and awsx (the CLI downloads them where it can), and moto at AWS_ENDPOINT_URL,
default ${defaultEndpointUrl}:
  docker run --rm -p 5000:5000 -e MOTO_IAM_LOAD_MANAGED_POLICIES=true motoserver/moto
  or: pip install 'moto[server]' && MOTO_IAM_LOAD_MANAGED_POLICIES=true moto_server -p 5000

Exit code: 0 all well, 1 a finding or a failure, 2 wrong arguments`;

class LifecycleError extends Error {}

interface Stack {
  readonly name: string;
  /** A copy of the project: the CLI writes into the stack's file. */
  readonly folder: string;
  readonly cli: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** moto runs no function's code, so the configuration that starts functions is off and the values come from here. */
async function prepareMoto(endpointUrl: string): Promise<string> {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${endpointUrl}${path}`, { method: "POST", body: JSON.stringify(body), headers });
  try {
    await post("/moto-api/reset", {});
    await post("/moto-api/config", { lambda: { use_docker: false }, stepfunctions: { execute_state_machine: false } });
  } catch (cause) {
    throw new LifecycleError(`No moto answers at ${endpointUrl} (AWS_ENDPOINT_URL). --help says how to start it.`, {
      cause,
    });
  }
  const credential = `Credential=test/20260101/${region}/acm/aws4_request`;
  const response = await post(
    "/",
    { DomainName: "todo.example.com", ValidationMethod: "DNS" },
    {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "CertificateManager.RequestCertificate",
      authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
    },
  );
  const { CertificateArn } = (await response.json()) as { CertificateArn?: string };
  if (CertificateArn === undefined) throw new LifecycleError(`${endpointUrl} is not moto: it made no certificate.`);
  return CertificateArn;
}

/** Writes what the bootstrap function would: rotation of a secret without a value is refused. */
async function writeFirstValue(endpoint: string, signal: AbortSignal): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  while (!signal.aborted) {
    const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
    const secret = SecretList.find(({ Name = "" }) => Name.endsWith("database/todo"));
    if (secret) {
      await client.send(new PutSecretValueCommand({ SecretId: secret.ARN, SecretString: "{}" }));
      return;
    }
    await sleep(300);
  }
}

/** Copies what git tracks, and what is new and not ignored. */
function copyProject(folder: string): void {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim().split("\n");
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir");
}

/** @returns exit status and standard output; what the CLI writes is shown as well unless `quiet` */
function pulumi(stack: Stack, args: string[], { quiet = false } = {}): Promise<{ status: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(stack.cli, [...args, "--stack", stack.name, "--non-interactive"], {
      cwd: stack.folder,
      env: stack.environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
      if (!quiet) process.stdout.write(chunk);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ status: code ?? 1, stdout });
    });
  });
}

async function must(stack: Stack, args: string[], options = {}): Promise<string> {
  const { status, stdout } = await pulumi(stack, args, options);
  if (status !== 0) throw new LifecycleError(`pulumi ${args.slice(0, 2).join(" ")} ended with ${status}.`);
  return stdout;
}

async function runLifecycle(stack: Stack, endpointUrl: string, stateFile: string | undefined): Promise<string[]> {
  const certificateArn = await prepareMoto(endpointUrl);
  await must(stack, ["stack", "init"], { quiet: true });
  const set = (key: string, value: string) => must(stack, ["config", "set", key, value], { quiet: true });
  await set("serviceImage", "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo:1"); // no image is built here
  const hasCertificate = readFileSync(join(stack.folder, `Pulumi.${stack.name}.yaml`), "utf8").includes(
    "certificateArn",
  );
  if (hasCertificate) await set("certificateArn", certificateArn);

  const bootstrap = new AbortController();
  const firstValue = writeFirstValue(endpointUrl, bootstrap.signal);
  await must(stack, ["up", "--yes", "--skip-preview"]).finally(() => {
    bootstrap.abort();
  });
  await firstValue;
  await must(stack, ["preview", "--diff"]);
  const state = await must(stack, ["stack", "export"], { quiet: true });
  if (stateFile !== undefined) writeFileSync(stateFile, state);
  const findings = checkState(JSON.parse(state) as ExportedState);
  return [...findings, ...(await destroy(stack, state))];
}

/** A protected stack refuses, and keeps every resource; any other one is gone afterwards. */
async function destroy(stack: Stack, before: string): Promise<string[]> {
  const count = (state: string) => (JSON.parse(state) as ExportedState).deployment.resources?.length ?? 0;
  const isProtected = before.includes('"protect": true');
  const { status } = await pulumi(stack, ["destroy", "--yes", "--skip-preview"]);
  const after = count(await must(stack, ["stack", "export"], { quiet: true }));
  const expected = isProtected ? count(before) : 0;
  const findings = after === expected ? [] : [`destroy left ${after} resources, expected ${expected}`];
  return (status !== 0) === isProtected ? findings : [...findings, `destroy ended with ${status}`];
}

async function main(args: string[]): Promise<number> {
  const options = { state: { type: "string" }, help: { type: "boolean" } } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (parsed.values.help) {
    console.log(usage);
    return 0;
  }
  const [name = "", ...others] = parsed.positionals;
  if (others.length > 0 || !listStacks(root).includes(name)) {
    console.error(
      `environment: received "${parsed.positionals.join(" ")}", accepted is one of ${listStacks(root).join(", ")}`,
    );
    return 2;
  }
  const cli = await findPulumi();
  if (cli === undefined)
    throw new LifecycleError("There is no Pulumi CLI on PATH: https://www.pulumi.com/docs/install/");
  const endpointUrl = process.env.AWS_ENDPOINT_URL ?? defaultEndpointUrl;
  const work = mkdtempSync(join(tmpdir(), "todo-rotation-lifecycle-"));
  try {
    const folder = join(work, "project");
    copyProject(folder);
    mkdirSync(join(work, "state"));
    const environment = {
      ...process.env,
      ...{
        AWS_ENDPOINT_URL: endpointUrl,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      },
      ...{ PULUMI_BACKEND_URL: `file://${join(work, "state")}`, PULUMI_CONFIG_PASSPHRASE: "test" },
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const findings = await runLifecycle({ name, folder, cli: cli.path, environment }, endpointUrl, parsed.values.state);
    for (const finding of findings) console.error(finding);
    console.log(
      findings.length === 0 ? `\nThe lifecycle of ${name} is as it has to be.` : `\n${findings.length} findings`,
    );
    return findings.length === 0 ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).then(
  (exitCode) => (process.exitCode = exitCode),
  (error: unknown) => {
    if (!(error instanceof LifecycleError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  },
);
