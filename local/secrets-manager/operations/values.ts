import { invalidParameter, invalidRequest, limitExceeded, resourceExists, resourceNotFound } from "../api-error";
import type { Input } from "../input";
import { currentStage, pendingStage, type Secret, type SecretValue } from "../secret";
import type { SecretStore } from "../secret-store";
import { epochSeconds } from "./epoch-seconds";

const maxValueBytes = 65_536;
const maxStages = 20;

export function createSecret(store: SecretStore, input: Input) {
  const value = readValue(input);
  const token = readToken(input);
  const name = input.string("Name");
  const existing = store.lookUp(name);
  const isRepeated = value && existing?.version(token)?.value && !existing.deletedDate;
  const secret = isRepeated ? existing : store.create(name);
  describe(secret, input);
  if (value) putVersion(store, secret, token, value);
  return { ARN: secret.arn, Name: secret.name, ...(value && { VersionId: token }) };
}

export function getSecretValue(store: SecretStore, input: Input) {
  const secret = store.findUsable(input.string("SecretId"));
  const versionId = input.optionalString("VersionId");
  const stage = input.optionalString("VersionStage") ?? (versionId === undefined ? currentStage : undefined);
  const version = versionId !== undefined ? secret.version(versionId) : secret.holderOf(stage ?? currentStage);
  if (version && stage !== undefined && secret.holderOf(stage) !== version) {
    throw invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
  }
  if (!version?.value) {
    const sought = versionId !== undefined ? `VersionId: ${versionId}` : `staging label: ${stage ?? currentStage}`;
    throw resourceNotFound(`Secrets Manager can't find the specified secret value for ${sought}`);
  }
  secret.lastAccessedDate = version.lastAccessedDate = store.now();
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...version.value,
    VersionStages: secret.stagesOf(version),
    CreatedDate: epochSeconds(version.createdDate),
  };
}

export function putSecretValue(store: SecretStore, input: Input) {
  const token = readToken(input);
  const secret = store.findUsable(input.string("SecretId"));
  const value = readValue(input);
  if (!value) throw invalidRequest("You must provide either SecretString or SecretBinary.");
  const stages = input.optionalStrings("VersionStages");
  if (stages && (stages.length === 0 || stages.length > maxStages)) {
    throw invalidParameter(`VersionStages must hold 1-${maxStages} staging labels.`);
  }
  const version = putVersion(store, secret, token, value, stages);
  return { ARN: secret.arn, Name: secret.name, VersionId: token, VersionStages: secret.stagesOf(version) };
}

/**
 * The new version's id. Callers that send no token rely on the SDK, which generates one.
 *
 * @param missing what AWS answers without one; RotateSecret has a different exception from the others
 */
export function readToken(input: Input, missing = invalidRequest): string {
  const token = input.optionalString("ClientRequestToken");
  if (token === undefined) {
    throw missing("You must provide a ClientRequestToken value. We recommend a UUID-type value.");
  }
  if (token.length < 32 || token.length > 64) {
    throw invalidParameter("ClientRequestToken must be 32-64 characters long.");
  }
  return token;
}

/** AWS limits the labels in use over all versions of a secret, including the given ones. */
export function checkStageQuota(secret: Secret, stages: readonly string[]): void {
  const inUse = new Set([...secret.stagesInUse, ...stages]);
  if (inUse.size > maxStages) {
    throw limitExceeded(`You can't have more than ${maxStages} staging labels across all versions of a secret.`);
  }
}

function putVersion(
  store: SecretStore,
  secret: Secret,
  token: string,
  value: SecretValue,
  stages: readonly string[] = [currentStage],
) {
  const existing = secret.version(token);
  if (existing?.value) {
    if (!isSameValue(existing.value, value)) {
      throw resourceExists("A resource with the ID you requested already exists.");
    }
    return existing;
  }
  const isFirst = secret.versions.length === 0;
  const wanted = isFirst ? [...new Set([currentStage, ...stages])] : stages;
  checkStageQuota(secret, wanted);
  secret.lastChangedDate = store.now();
  if (existing) {
    existing.value = value;
    secret.attach(existing, wanted);
  }
  const version = existing ?? secret.addVersion(token, store.now(), value, wanted);
  if (wanted.includes(currentStage)) abandonRotation(secret);
  return version;
}

/** A value that becomes current from outside ends the running rotation: its candidate is no longer a candidate. */
function abandonRotation(secret: Secret): void {
  const pending = secret.holderOf(pendingStage);
  if (pending && secret.isRotationIncomplete()) secret.detach(pending, pendingStage);
}

function isSameValue(one: SecretValue, other: SecretValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function readValue(input: Input): SecretValue | undefined {
  const text = input.optionalString("SecretString");
  const binary = input.optionalString("SecretBinary");
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter("You can't specify both SecretString and SecretBinary.");
  }
  const bytes = text !== undefined ? Buffer.byteLength(text) : Buffer.byteLength(binary ?? "", "base64");
  if (bytes > maxValueBytes) {
    throw invalidParameter(`The secret value has ${bytes} bytes; at most ${maxValueBytes} are accepted.`);
  }
  if (text !== undefined) return { SecretString: text };
  return binary !== undefined ? { SecretBinary: binary } : undefined;
}

function describe(secret: Secret, input: Input): void {
  secret.description = input.optionalString("Description") ?? secret.description;
  secret.kmsKeyId = input.optionalString("KmsKeyId") ?? secret.kmsKeyId;
}
