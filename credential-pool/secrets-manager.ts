import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ReadSecret, SecretStage } from "./held-credential";

/**
 * Reads the secret from Secrets Manager, at most about 6 s long: the SDK waits for ever by default, and the pool has
 * its own way of trying again. Region, endpoint and role come from the environment, as for every client of the SDK.
 */
export function secretsManagerSource(secretArn: string): ReadSecret {
  const client = new SecretsManagerClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
  });
  return async (stage) => {
    try {
      const command = new GetSecretValueCommand({ SecretId: secretArn, VersionStage: stage });
      const { SecretString, VersionId, CreatedDate } = await client.send(command);
      if (SecretString === undefined) return undefined; // binary: no credential of ours
      return { text: SecretString, versionId: VersionId, createdAt: CreatedDate };
    } catch (error) {
      if (isWithheld(error, stage)) return undefined;
      throw error;
    }
  };
}

/** AWSPENDING exists during rotations only, and a role need not be allowed to read it. */
function isWithheld(error: unknown, stage: SecretStage): boolean {
  const names = ["AccessDeniedException", "ResourceNotFoundException"];
  return stage === "AWSPENDING" && error instanceof Error && names.includes(error.name);
}
