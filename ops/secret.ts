import {
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { ask } from "./aws-failure";
import type { SecretTarget } from "./target";

export interface Version {
  readonly versionId: string;
  readonly stages: readonly string[];
}

export interface DatedVersion extends Version {
  readonly createdDate: Date;
}

export type Description = Readonly<ReturnType<typeof descriptionOf>>;

/** The calls on one secret, without GetSecretValue. Each throws a Failure. */
export class Secret {
  readonly secretId: string;
  private readonly client: SecretsManagerClient;

  constructor({ secretId, clientConfig }: SecretTarget) {
    this.secretId = secretId;
    this.client = new SecretsManagerClient(clientConfig);
  }

  async describe(): Promise<Description> {
    const SecretId = this.secretId;
    return ask(`DescribeSecret of ${SecretId}`, async () =>
      descriptionOf(await this.client.send(new DescribeSecretCommand({ SecretId })), SecretId),
    );
  }

  /** Those with a label: at most 20, fewer than one page. */
  async listVersions(): Promise<DatedVersion[]> {
    const SecretId = this.secretId;
    const { Versions = [] } = await ask(`ListSecretVersionIds of ${SecretId}`, () =>
      this.client.send(new ListSecretVersionIdsCommand({ SecretId })),
    );
    return Versions.map(({ VersionId = "", VersionStages = [], CreatedDate = new Date(0) }) => ({
      versionId: VersionId,
      stages: VersionStages,
      createdDate: CreatedDate,
    }));
  }

  /** @param versionId of the new version, chosen by the caller so that a lost answer does no harm */
  async rotate(versionId: string): Promise<void> {
    const SecretId = this.secretId;
    await ask(`RotateSecret of ${SecretId}`, () =>
      this.client.send(new RotateSecretCommand({ SecretId, ClientRequestToken: versionId })),
    );
  }

  /** Removes AWSPENDING from this version only: refused if another version has it by now. */
  async removePending(versionId: string): Promise<void> {
    const label = { SecretId: this.secretId, VersionStage: "AWSPENDING", RemoveFromVersionId: versionId };
    await ask(`UpdateSecretVersionStage of ${this.secretId}`, () =>
      this.client.send(new UpdateSecretVersionStageCommand(label)),
    );
  }
}

export function holderOf<V extends Version>(versions: readonly V[], stage: string): V | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

/** The version of an unfinished rotation. A finished one may leave AWSPENDING on the version that is AWSCURRENT. */
export function candidateOf<V extends Version>(versions: readonly V[]): V | undefined {
  return versions.find(({ stages }) => stages.includes("AWSPENDING") && !stages.includes("AWSCURRENT"));
}

/** Label → version id. */
export function labelsOf(versions: readonly Version[]): Record<string, string> {
  const labels = versions.flatMap(({ versionId, stages }) => stages.map((stage) => [stage, versionId] as const));
  return Object.fromEntries(labels.sort(([one], [other]) => one.localeCompare(other)));
}

/** What Secrets Manager says about a secret, without its value. */
function descriptionOf(answer: DescribeSecretCommandOutput, secretId: string) {
  const { ScheduleExpression, AutomaticallyAfterDays, Duration } = answer.RotationRules ?? {};
  const everyDays = AutomaticallyAfterDays === undefined ? undefined : `every ${AutomaticallyAfterDays} days`;
  const versions = Object.entries(answer.VersionIdsToStages ?? {});
  return {
    arn: answer.ARN ?? secretId,
    name: answer.Name ?? secretId,
    rotationEnabled: answer.RotationEnabled === true,
    rotationFunctionArn: answer.RotationLambdaARN,
    schedule: ScheduleExpression ?? everyDays, // "rate(30 days)", "cron(…)" or "every 30 days"
    duration: Duration, // of the rotation window, like "3h"
    createdDate: answer.CreatedDate,
    lastRotatedDate: answer.LastRotatedDate,
    nextRotationDate: answer.NextRotationDate, // the next rotation is due on or before it
    deletedDate: answer.DeletedDate, // when the recovery window of a deleted secret ends
    versions: versions.map(([versionId, stages]): Version => ({ versionId, stages })), // those with a label
  };
}
