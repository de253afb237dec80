import { invalidParameter, invalidRequest } from "../api-error";
import type { Input } from "../input";
import { describedRules, nextRotationDate } from "../rotation-rules";
import { currentStage, type Secret } from "../secret";
import type { SecretStore } from "../secret-store";
import { epochDay, epochSeconds } from "./epoch-seconds";

const dayMs = 86_400_000;

/** Undefined fields are left out of the answer. */
export function describeSecret(store: SecretStore, input: Input) {
  const secret = store.find(input.string("SecretId"));
  const { rotation } = secret;
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description === "" ? undefined : secret.description,
    KmsKeyId: secret.kmsKeyId,
    RotationEnabled: rotation?.enabled,
    RotationLambdaARN: rotation?.lambdaArn,
    RotationRules: rotation?.rules && describedRules(rotation.rules),
    CreatedDate: epochSeconds(secret.createdDate),
    LastRotatedDate: secret.lastRotatedDate && epochSeconds(secret.lastRotatedDate),
    LastChangedDate: epochSeconds(secret.lastChangedDate ?? secret.createdDate),
    LastAccessedDate: secret.lastAccessedDate && epochDay(secret.lastAccessedDate),
    DeletedDate: secret.deletedDate && epochSeconds(secret.deletedDate),
    NextRotationDate: nextRotation(secret),
    VersionIdsToStages: secret.versions.length > 0 ? stagesOf(secret) : undefined,
  };
}

export function deleteSecret(store: SecretStore, input: Input) {
  const secretId = input.string("SecretId");
  const force = input.optionalBoolean("ForceDeleteWithoutRecovery") ?? false;
  const days = input.optionalInteger("RecoveryWindowInDays");
  if (force && days !== undefined) {
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  }
  if (days !== undefined && (days < 7 || days > 30)) {
    throw invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  }
  // With force, a secret that is already gone is not an error: a retry must succeed.
  const secret = force ? store.lookUp(secretId) : store.find(secretId);
  const deletionDate = new Date(store.now().getTime() + (force ? 0 : (days ?? 30) * dayMs));
  if (secret && force) store.delete(secret);
  else if (secret?.deletedDate) {
    throw invalidRequest("You tried to perform the operation on a secret that's currently marked deleted.");
  } else if (secret) secret.deletedDate = deletionDate;
  return { ARN: secret?.arn, Name: secret?.name ?? secretId, DeletionDate: epochSeconds(deletionDate) };
}

export function restoreSecret(store: SecretStore, input: Input) {
  const secret = store.find(input.string("SecretId"));
  secret.deletedDate = undefined;
  return { ARN: secret.arn, Name: secret.name };
}

/** A value that was put manually counts as a rotation, and the schedule starts no earlier than it was set. */
function nextRotation(secret: Secret): number | undefined {
  const { rotation } = secret;
  if (!rotation?.enabled || !rotation.rules) return undefined;
  const current = secret.holderOf(currentStage)?.createdDate ?? secret.createdDate;
  const lastRotation = current > rotation.configuredDate ? current : rotation.configuredDate;
  const date = nextRotationDate(rotation.rules, lastRotation);
  return date && epochSeconds(date);
}

function stagesOf(secret: Secret): Record<string, string[]> {
  const stages = secret.versions.map((version) => [version.id, secret.stagesOf(version)] as const);
  return Object.fromEntries(stages.filter(([, labels]) => labels.length > 0));
}
