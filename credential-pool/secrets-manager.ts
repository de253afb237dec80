import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ReadSecret, SecretStage } from "./held-credential";

/**
 * Reads the secret from Secrets Manager, within about 6 s: by default the SDK waits forever, and the pool has its own
 * retries. Region, endpoint and role come from the environment, as for every SDK client.
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
      if (SecretString === undefined) return undefined; // binary: not one of our credentials
      return { text: SecretString, versionId: VersionId, createdAt: CreatedDate };
    } catch (error) {
      if (isWithheld(error, stage)) return undefined;
      throw error;
    }
  };
}

/** AWSPENDING exists only during rotations, and a role need not be allowed to read it. */
function isWithheld(error: unknown, stage: SecretStage): boolean {
  const names = ["AccessDeniedException", "ResourceNotFoundException"];
  return stage === "AWSPENDING" && error instanceof Error && names.includes(error.name);
}
