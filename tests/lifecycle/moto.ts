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

/** @returns the ARN of a new certificate */
export async function requestCertificate(endpointUrl: string): Promise<string> {
  const credential = `Credential=test/20260101/${region}/acm/aws4_request`;
  const response = await fetch(endpointUrl, {
    method: "POST",
    body: JSON.stringify({ DomainName: "todo.example.com", ValidationMethod: "DNS" }),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "CertificateManager.RequestCertificate",
      authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0`,
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
