import { invalidParameter, resourceNotFound } from "../api-error";
import type { Input } from "../input";
import { currentStage, type Secret, type SecretVersion } from "../secret";
import type { SecretStore } from "../secret-store";
import { epochDay, epochSeconds } from "./epoch-seconds";
import { checkStageQuota } from "./values";

export function listSecretVersionIds(store: SecretStore, input: Input) {
  const secret = store.find(input.string("SecretId"));
  const includeDeprecated = input.optionalBoolean("IncludeDeprecated") ?? false;
  const versions = secret.versions.filter((version) => includeDeprecated || secret.stagesOf(version).length > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: versions.map((version) => ({
      VersionId: version.id,
      ...(secret.stagesOf(version).length > 0 && { VersionStages: secret.stagesOf(version) }),
      KmsKeyIds: [secret.kmsKeyId ?? "DefaultEncryptionKey"],
      CreatedDate: epochSeconds(version.createdDate),
      LastAccessedDate: version.lastAccessedDate && epochDay(version.lastAccessedDate),
    })),
  };
}

export function updateSecretVersionStage(store: SecretStore, input: Input) {
  const secret = store.findUsable(input.string("SecretId"));
  const stage = input.string("VersionStage");
  const removeFrom = findVersion(secret, input.optionalString("RemoveFromVersionId"));
  const moveTo = findVersion(secret, input.optionalString("MoveToVersionId"));
  const holder = secret.holderOf(stage);
  if (!moveTo && !removeFrom) throw invalidParameter("You must provide MoveToVersionId or RemoveFromVersionId.");
  if (removeFrom && removeFrom !== holder) {
    throw invalidParameter(`Staging label ${stage} is not attached to version ${removeFrom.id}.`);
  }
  if (moveTo && holder && moveTo !== holder && !removeFrom) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (!moveTo && stage === currentStage) {
    throw invalidParameter(
      `You can only move staging label ${stage} to a different secret version. It can't be completely removed.`,
    );
  }
  if (moveTo) {
    checkStageQuota(secret, [stage]);
    secret.attach(moveTo, [stage]);
  } else if (removeFrom) {
    secret.detach(removeFrom, stage);
  }
  secret.lastChangedDate = store.now();
  return { ARN: secret.arn, Name: secret.name };
}

function findVersion(secret: Secret, versionId: string | undefined): SecretVersion | undefined {
  if (versionId === undefined) return undefined;
  const version = secret.version(versionId);
  if (!version) throw resourceNotFound(`Secrets Manager can't find the specified secret version: ${versionId}`);
  return version;
}
