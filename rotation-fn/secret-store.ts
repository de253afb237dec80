import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
  SecretsManagerServiceException,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BinarySecretError,
  PendingValueMissingError,
  RotationError,
  SecretAccessDeniedError,
  SecretDeletedError,
  SecretNotFoundError,
  SecretsManagerRefusedError,
  SecretsManagerUnavailableError,
  VersionNotPendingError,
} from "./errors";

export type VersionStage = "AWSCURRENT" | "AWSPENDING" | "AWSPREVIOUS";

export interface SecretDescription {
  /** Undefined if rotation was never set up. */
  readonly rotationEnabled: boolean | undefined;
  /** VersionId → its labels. Versions without a label are not listed. */
  readonly versionStages: Readonly<Record<string, readonly string[]>>;
  readonly createdDate: Date;
  /** Undefined if the secret was never rotated. */
  readonly lastRotatedDate: Date | undefined;
}

export interface SecretVersion {
  readonly stages: readonly string[];
  readonly createdDate: Date;
}

/** Milliseconds between reads. The store is eventually consistent: the pending version may not be readable yet. */
const pendingReadBackoffMs = [100, 200, 400, 800, 1600];

/** For a date that every answer holds but the SDK types as optional. If one were missing, an alarm should fire. */
const longAgo = new Date(0);

/**
 * The Secrets Manager calls on one secret, with a class for each kind of error.
 *
 * Every method throws SecretNotFoundError, SecretDeletedError, SecretAccessDeniedError or
 * SecretsManagerUnavailableError; methods that read a value also throw BinarySecretError.
 */
export class SecretStore {
  constructor(
    private readonly client: SecretsManagerClient,
    readonly secretArn: string,
  ) {}

  async describe(): Promise<SecretDescription> {
    const response = await this.call("DescribeSecret", () =>
      this.client.send(new DescribeSecretCommand({ SecretId: this.secretArn })),
    );
    if (response.DeletedDate !== undefined) throw deleted(this.secretArn);
    return {
      rotationEnabled: response.RotationEnabled,
      versionStages: response.VersionIdsToStages ?? {},
      createdDate: response.CreatedDate ?? longAgo,
      lastRotatedDate: response.LastRotatedDate,
    };
  }

  /** The versions that have a label: at most 20, fewer than one page. */
  async listVersions(): Promise<SecretVersion[]> {
    const { Versions = [] } = await this.call("ListSecretVersionIds", () =>
      this.client.send(new ListSecretVersionIdsCommand({ SecretId: this.secretArn })),
    );
    return Versions.map(({ VersionStages = [], CreatedDate = longAgo }) => ({
      stages: VersionStages,
      createdDate: CreatedDate,
    }));
  }

  /** The text of the version that has the label, or undefined if none has it. */
  async getByStage(stage: VersionStage): Promise<string | undefined> {
    return this.getValue({ VersionStage: stage });
  }

  /**
   * The rotation's candidate, read by id *and* label: the answer then proves that the version still has AWSPENDING, and
   * a read by label alone fails now and then.
   *
   * @throws VersionNotPendingError; PendingValueMissingError after a bounded number of reads
   */
  async getPending(versionId: string): Promise<string> {
    for (const backoffMs of [...pendingReadBackoffMs, undefined]) {
      const text = await this.findPending(versionId);
      if (text !== undefined) return text;
      if (backoffMs !== undefined) await sleep(backoffMs);
    }
    throw new PendingValueMissingError(
      `AWSPENDING of ${this.secretArn}`,
      `no value under version ${versionId}`,
      "the value that createSecret puts there; cancel the rotation and start another",
    );
  }

  /** The candidate, if the version already has a value. Read once, since an empty version is expected here. */
  async findPending(versionId: string): Promise<string | undefined> {
    return this.getValue({ VersionId: versionId, VersionStage: "AWSPENDING" });
  }

  /**
   * Stores the candidate under the rotation's own version id. Any other id would abandon the rotation.
   *
   * @returns false if the version already has a value, which a retry must keep
   */
  async putPending(versionId: string, text: string, rotationToken: string | undefined): Promise<boolean> {
    return this.put(
      { ClientRequestToken: versionId, VersionStages: ["AWSPENDING"], RotationToken: rotationToken },
      text,
    );
  }

  /** Stores a value outside of any rotation. */
  async putCurrent(versionId: string, text: string): Promise<void> {
    await this.put({ ClientRequestToken: versionId, VersionStages: ["AWSCURRENT"] }, text);
  }

  /** Moves AWSCURRENT if it is still where it was: a compare-and-swap. AWSPREVIOUS follows automatically. */
  async makeCurrent(versionId: string, currentVersionId: string): Promise<void> {
    await this.call("UpdateSecretVersionStage", () =>
      this.client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.secretArn,
          VersionStage: "AWSCURRENT",
          MoveToVersionId: versionId,
          RemoveFromVersionId: currentVersionId,
        }),
      ),
    );
  }

  private async put(
    version: { ClientRequestToken: string; VersionStages: string[]; RotationToken?: string | undefined },
    text: string,
  ): Promise<boolean> {
    return this.call("PutSecretValue", async () => {
      try {
        await this.client.send(new PutSecretValueCommand({ SecretId: this.secretArn, ...version, SecretString: text }));
        return true;
      } catch (error) {
        if (error instanceof ResourceExistsException) return false;
        throw error;
      }
    });
  }

  private async getValue(version: { VersionId?: string; VersionStage: VersionStage }): Promise<string | undefined> {
    const response = await this.call("GetSecretValue", async () => {
      try {
        return await this.client.send(new GetSecretValueCommand({ SecretId: this.secretArn, ...version }));
      } catch (error) {
        if (error instanceof ResourceNotFoundException && isAboutVersion(error, version)) return undefined;
        if (version.VersionId !== undefined && isLabelElsewhere(error)) {
          const received = `version ${version.VersionId} without that label`;
          throw new VersionNotPendingError(version.VersionStage, received, "the version of the rotation under way");
        }
        throw error;
      }
    });
    if (response === undefined) return undefined;
    if (response.SecretString === undefined) {
      throw new BinarySecretError(`${version.VersionStage} of ${this.secretArn}`, "a binary value", "a JSON text");
    }
    return response.SecretString;
  }

  private async call<T>(operation: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw tellApart(error, operation, this.secretArn);
    }
  }
}

/** A missing version or label gives the same error as a missing secret; only the message differs. */
function isAboutVersion({ message }: ResourceNotFoundException, { VersionId }: { VersionId?: string }): boolean {
  return VersionId !== undefined || /version|staging label/i.test(message);
}

/** "You provided a VersionStage that is not associated to the provided VersionId." */
function isLabelElsewhere(error: unknown): boolean {
  return error instanceof InvalidRequestException && error.message.includes("VersionStage");
}

/** The service's messages name resources and permissions, never values, so they may be repeated. */
function tellApart(error: unknown, operation: string, secretArn: string): RotationError {
  if (error instanceof RotationError) return error;
  const message = error instanceof Error ? error.message : "no message";
  if (error instanceof SecretsManagerServiceException) {
    if (error.name === "InvalidRequestException" && /delet/i.test(message)) return deleted(secretArn);
    if (error.name === "ResourceNotFoundException") {
      return new SecretNotFoundError(secretArn, "no such secret", "a secret that exists in this account and region");
    }
    if (error.name === "AccessDeniedException" || error.name === "DecryptionFailure") {
      const accepted = `a role and a key policy that allow ${operation}`;
      return new SecretAccessDeniedError(secretArn, `${error.name} (${message})`, accepted);
    }
    if (error.name === "InvalidRequestException" || error.name === "InvalidParameterException") {
      const accepted = "a secret whose labels nobody else moves meanwhile";
      return new SecretsManagerRefusedError(`${operation} of ${secretArn}`, `${error.name} (${message})`, accepted);
    }
  }
  return new SecretsManagerUnavailableError(
    `${operation} of ${secretArn}`,
    `${error instanceof Error ? error.name : "an error"} (${message})`,
    "an answer from Secrets Manager; check the VPC endpoint, its security group and policy",
  );
}

function deleted(secretArn: string): SecretDeletedError {
  return new SecretDeletedError(
    secretArn,
    "a secret that is scheduled for deletion",
    "one that RestoreSecret restored",
  );
}
