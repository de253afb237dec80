/**
 * A minimal rotation function for an API key, with one mistake at a time (environment variable MISTAKE) or none. The
 * checks of strategy-suite.ts must tell them apart.
 */
import console from "node:console";
import { randomUUID } from "node:crypto";
import process from "node:process";
import { URL } from "node:url";

const { API_ALLOWED_HOST, API_SET_KEY_REQUEST, API_TEST_KEY_REQUEST, MISTAKE } = process.env;
const makes = (mistake) => MISTAKE === mistake;

/** Without the SDK, which takes longer to load than a rotation takes. */
async function secretsManager(operation, input) {
  const response = await globalThis.fetch(process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `secretsmanager.${operation}` },
    body: JSON.stringify(input),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(operation), { name: answer.__type });
  return answer;
}

async function read(SecretId, version) {
  const { SecretString } = await secretsManager("GetSecretValue", { SecretId, ...version });
  try {
    const value = JSON.parse(SecretString);
    if (typeof value.apiKey === "string") return value;
  } catch {
    if (makes("quotes the value")) throw new Error(`no JSON: ${SecretString}`);
  }
  throw new Error("the value is no object with an apiKey");
}

async function call(line, value, body) {
  const [method, url] = line.split(" ");
  const host = value.host ?? API_ALLOWED_HOST;
  if (host !== API_ALLOWED_HOST && !makes("calls the host of the secret")) throw new Error("another host");
  const headers = { authorization: `Bearer ${value.apiKey}`, "content-type": "application/json" };
  const response = await globalThis.fetch(new URL(new URL(url).pathname, `http://${host}`), {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.ok;
}

const steps = {
  async createSecret({ SecretId, ClientRequestToken }) {
    const current = await read(SecretId, { VersionStage: "AWSCURRENT" });
    const rest = makes("drops unknown keys") ? {} : current;
    const apiKey = makes("keeps the key") ? current.apiKey : `example-${randomUUID()}`;
    const version = { SecretId, ClientRequestToken, VersionStages: ["AWSPENDING"] };
    try {
      await secretsManager("PutSecretValue", { ...version, SecretString: JSON.stringify({ ...rest, apiKey }) });
    } catch (error) {
      if (error.name !== "ResourceExistsException" || makes("minds a value that exists")) throw error;
    }
  },
  async setSecret({ SecretId, ClientRequestToken: VersionId }) {
    const pending = await read(SecretId, { VersionId, VersionStage: "AWSPENDING" });
    if (makes("logs the key")) console.log(`setting ${pending.apiKey}`);
    if (makes("sets nothing")) return;
    const current = await read(SecretId, { VersionStage: "AWSCURRENT" });
    if (await call(API_SET_KEY_REQUEST, current, { key: pending.apiKey })) return;
    if (makes("does not see that the key is set")) throw new Error("refused");
    if (!(await call(API_TEST_KEY_REQUEST, pending))) throw new Error("refused");
  },
  async testSecret({ SecretId, ClientRequestToken: VersionId }) {
    const pending = await read(SecretId, { VersionId, VersionStage: "AWSPENDING" });
    const current = await read(SecretId, { VersionStage: "AWSCURRENT" });
    if (makes("takes the own value for a mistake") && current.apiKey === pending.apiKey) throw new Error("the old key");
    const isTaken = await call(API_TEST_KEY_REQUEST, pending);
    if (!isTaken && !makes("passes every test")) throw new Error("refused");
  },
  async finishSecret({ SecretId, ClientRequestToken: MoveToVersionId }) {
    const { VersionIdsToStages } = await secretsManager("DescribeSecret", { SecretId });
    const [RemoveFromVersionId] = Object.entries(VersionIdsToStages).find(([, stages]) =>
      stages.includes("AWSCURRENT"),
    );
    await secretsManager("UpdateSecretVersionStage", {
      SecretId,
      VersionStage: "AWSCURRENT",
      MoveToVersionId,
      RemoveFromVersionId,
    });
  },
};

export async function rotate(event) {
  console.log(makes("logs the event") ? JSON.stringify(event) : `step ${event.Step}`);
  const { VersionIdsToStages } = await secretsManager("DescribeSecret", { SecretId: event.SecretId });
  if (VersionIdsToStages[event.ClientRequestToken]?.includes("AWSCURRENT")) return;
  await steps[event.Step]?.(event);
}
