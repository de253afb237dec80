import { ListSecretsCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { setTimeout as sleep } from "node:timers/promises";
import { LifecycleError } from "./failure";

export const region = "us-east-1";

/**
 * Empties moto, and turns off the execution of functions and state machines, because moto would need Docker for it.
 *
 * @throws LifecycleError when nothing answers there, or something other than moto
 */
export async function resetMoto(endpointUrl: string): Promise<void> {
  const post = async (path: string, body: unknown): Promise<boolean> => {
    const { ok } = await fetch(`${endpointUrl}/moto-api/${path}`, { method: "POST", body: JSON.stringify(body) });
    return ok;
  };
  let isMoto: boolean;
  try {
    isMoto = await post("reset", {});
    isMoto &&= await post("config", { lambda: { use_docker: false }, stepfunctions: { execute_state_machine: false } });
  } catch (cause) {
    const message = `No moto answers at ${endpointUrl} (AWS_ENDPOINT_URL). --help says how to start it.`;
    throw new LifecycleError(message, { cause });
  }
  if (!isMoto) throw new LifecycleError(`${endpointUrl} (AWS_ENDPOINT_URL) is not moto. --help says how to start it.`);
}

/** The header by which moto finds the service of a request; it checks no signature. */
const authorizationFor = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

const apiVersions = { cloudformation: "2010-05-15", ec2: "2016-11-15", rds: "2014-10-31" };

/** A call of AWS's query protocol. @returns moto's answer in XML, also if it is an error */
export async function query(
  endpointUrl: string,
  service: keyof typeof apiVersions,
  Action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ readonly isOk: boolean; readonly xml: string }> {
  const response = await fetch(endpointUrl, {
    method: "POST",
    body: new URLSearchParams({ Action, Version: apiVersions[service], ...parameters }),
    headers: { authorization: authorizationFor(service) },
  });
  return { isOk: response.ok, xml: await response.text() };
}

/** The text of the first element of that name; "" if there is none. */
export function readElement(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? "";
}

export async function requestCertificate(endpointUrl: string): Promise<string> {
  const response = await fetch(endpointUrl, {
    method: "POST",
    body: JSON.stringify({ DomainName: "todo.example.com", ValidationMethod: "DNS" }),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "CertificateManager.RequestCertificate",
      authorization: authorizationFor("acm"),
    },
  });
  const { CertificateArn } = (await response.json()) as { CertificateArn?: string };
  if (CertificateArn === undefined) throw new LifecycleError(`moto at ${endpointUrl} made no certificate.`);
  return CertificateArn;
}

/** Writes what the bootstrap function would, until the signal: rotation of a secret without a value is refused. */
export async function writeFirstValues(endpoint: string, signal: AbortSignal): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  const written = new Set<string>();
  while (!signal.aborted) {
    const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
    for (const { ARN = "", Name = "", SecretVersionsToStages = {} } of SecretList) {
      const isNew = Object.keys(SecretVersionsToStages).length === 0 && !written.has(ARN);
      if (!Name.includes("/database/") || !isNew) continue;
      await client.send(new PutSecretValueCommand({ SecretId: ARN, SecretString: "{}" }));
      written.add(ARN);
    }
    await sleep(300);
  }
}
