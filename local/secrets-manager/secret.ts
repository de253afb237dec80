import type { RotationRules } from "./rotation-rules";

export const currentStage = "AWSCURRENT";
export const pendingStage = "AWSPENDING";
export const previousStage = "AWSPREVIOUS";

/** AWS also keeps those younger than 24 hours; nothing lives that long here, so none would ever be pruned. */
const maxUnlabelledVersions = 100;

/** Either text or bytes in base64, as received. */
export type SecretValue = { readonly SecretString: string } | { readonly SecretBinary: string };

export interface SecretVersion {
  readonly id: string;
  readonly createdDate: Date;
  /** Absent after a rotation has announced the version and before createSecret has filled it. */
  value: SecretValue | undefined;
  lastAccessedDate?: Date;
}

export interface RotationConfiguration {
  readonly enabled: boolean;
  readonly lambdaArn: string;
  readonly rules?: RotationRules;
  readonly configuredDate: Date;
}

/** One secret: its metadata, its versions, and which version holds which staging label. */
export class Secret {
  description?: string;
  kmsKeyId?: string;
  lastChangedDate?: Date;
  lastAccessedDate?: Date;
  lastRotatedDate?: Date;
  /** When the recovery window of a deleted secret ends. */
  deletedDate?: Date;
  rotation?: RotationConfiguration;
  readonly #versions = new Map<string, SecretVersion>();
  readonly #holders = new Map<string, SecretVersion>();

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly createdDate: Date,
    readonly onCurrentMoved: (secret: Secret, versionId: string) => void,
  ) {}

  /** In order of creation. */
  get versions(): readonly SecretVersion[] {
    return [...this.#versions.values()];
  }

  get stagesInUse(): readonly string[] {
    return [...this.#holders.keys()];
  }

  version(id: string): SecretVersion | undefined {
    return this.#versions.get(id);
  }

  holderOf(stage: string): SecretVersion | undefined {
    return this.#holders.get(stage);
  }

  stagesOf(version: SecretVersion): string[] {
    return [...this.#holders].filter(([, holder]) => holder === version).map(([stage]) => stage);
  }

  /** True while AWSPENDING is on a version that is not AWSCURRENT: a rotation is running, or it failed. */
  isRotationIncomplete(): boolean {
    const pending = this.holderOf(pendingStage);
    return pending !== undefined && pending !== this.holderOf(currentStage);
  }

  addVersion(id: string, createdDate: Date, value: SecretValue | undefined, stages: readonly string[]): SecretVersion {
    const version: SecretVersion = { id, createdDate, value };
    this.#versions.set(id, version);
    this.attach(version, stages);
    return version;
  }

  /** Takes each label from the version that held it. AWSPREVIOUS moves to the version that loses AWSCURRENT. */
  attach(version: SecretVersion, stages: readonly string[]): void {
    for (const stage of stages) {
      const holder = this.holderOf(stage);
      if (holder === version) continue;
      this.#holders.set(stage, version);
      if (stage !== currentStage) continue;
      if (holder) this.#holders.set(previousStage, holder);
      this.onCurrentMoved(this, version.id);
    }
    this.#prune();
  }

  /** Removes a label from a version if that version holds it. */
  detach(version: SecretVersion, stage: string): void {
    if (this.holderOf(stage) === version) this.#holders.delete(stage);
    this.#prune();
  }

  #prune(): void {
    const labelled = new Set(this.#holders.values());
    const unlabelled = this.versions.filter((version) => !labelled.has(version));
    for (const version of unlabelled.slice(0, -maxUnlabelledVersions)) this.#versions.delete(version.id);
  }
}
