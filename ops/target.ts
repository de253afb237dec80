import type { SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import type { CommandLine } from "./command-line";
import { exitCodes, Failure } from "./failure";
import { readStackOutputs, readUserSecrets } from "./stack-outputs";

/** The configuration of the AWS clients. */
export type ClientConfig = Pick<
  SecretsManagerClientConfig,
  "credentials" | "endpoint" | "maxAttempts" | "region" | "requestHandler"
>;

export interface SecretTarget {
  readonly secretId: string;
  readonly clientConfig: ClientConfig;
}

export interface ServiceTarget {
  readonly cluster: string;
  readonly service: string;
  readonly clientConfig: ClientConfig;
}

/** @throws Failure (notFound, usage) */
export async function findSecret(commandLine: CommandLine): Promise<SecretTarget> {
  const { stack, user, secretId = "" } = commandLine;
  const read = async (name: string): Promise<string> =>
    user === undefined ? (await readStackOutputs(name, ["databaseSecretArn"])).databaseSecretArn : ofUser(name, user);
  return targetOf(commandLine, stack === undefined ? secretId : await read(stack));
}

async function ofUser(stack: string, user: string): Promise<string> {
  const users = await readUserSecrets(stack);
  const found = users.find((one) => one.user === user);
  if (found) return found.secretArn;
  const names = users.map((one) => one.user).join(", ");
  const message = `--user: received "${user}", accepted is one of ${names}, the users of stack ${stack}.`;
  throw new Failure(exitCodes.notFound, message, "additionalUsers in the stack's configuration lists them.");
}

export function targetOf(commandLine: CommandLine, secretId: string): SecretTarget {
  return { secretId, clientConfig: clientConfigOf(commandLine, secretId) };
}

/** @throws Failure (notFound, usage) */
export async function findService(commandLine: CommandLine): Promise<ServiceTarget> {
  const { stack, cluster = "", service = "" } = commandLine;
  if (stack === undefined) return { cluster, service, clientConfig: clientConfigOf(commandLine, "") };
  const outputs = await readStackOutputs(stack, ["databaseSecretArn", "serviceClusterName", "serviceName"]);
  return {
    cluster: outputs.serviceClusterName,
    service: outputs.serviceName,
    clientConfig: clientConfigOf(commandLine, outputs.databaseSecretArn), // the whole stack is in one region
  };
}

/** The options that named the target, to repeat in the commands that messages recommend. */
export function optionsOf({ stack, user, secretId, cluster, service, region, endpointUrl }: CommandLine): string {
  const options = { stack, user, "secret-id": secretId, cluster, service, region, "endpoint-url": endpointUrl };
  return Object.entries(options)
    .flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quote(value)}`]))
    .join(" ");
}

function quote(value: string): string {
  return /^[\w./:@+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

function clientConfigOf({ region, endpointUrl }: CommandLine, secretId: string): ClientConfig {
  const [, arnRegion] = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secretId) ?? [];
  if (region !== undefined && arnRegion !== undefined && region !== arnRegion) {
    const message = `--region: received ${region}, accepted is ${arnRegion}, the region in the secret's ARN.`;
    throw new Failure(exitCodes.usage, message, `Leave --region out, or give ${arnRegion}.`);
  }
  const isLocal = endpointUrl?.startsWith("http:") === true;
  const found = region ?? arnRegion ?? (isLocal ? "us-east-1" : undefined); // undefined: AWS_REGION, then the profile
  return {
    ...(found !== undefined && { region: found }),
    ...(endpointUrl !== undefined && { endpoint: endpointUrl }),
    // Plain-text requests are signed with worthless credentials, and a laptop without AWS credentials can send them.
    ...(isLocal && { credentials: { accessKeyId: "operator", secretAccessKey: "example" } }),
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 },
  };
}
