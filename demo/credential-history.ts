import type { RotatingSecret } from "../local/rotating-secret";
import type { RotationOutcome } from "../local/secrets-manager";
import { shortVersion } from "./version";

export type SecretValue = Readonly<Record<string, unknown>>;

/** Every value that one secret ever held. */
export class CredentialHistory {
  readonly #values: SecretValue[] = [];

  /**
   * @param secrets collects each password or key, because no log may hold it
   * @param key where the value holds it
   */
  constructor(
    private readonly secret: Pick<RotatingSecret, "readValue">,
    private readonly secrets: Map<string, string>,
    private readonly key: "password" | "apiKey",
  ) {}

  async readCurrent(versionId = "first"): Promise<void> {
    this.#values.push(await this.#read("AWSCURRENT", versionId));
  }

  /** Reads the new value, or the candidate of a failed rotation, if createSecret got far enough to make one. */
  async readAfter({ succeeded, versionId }: RotationOutcome): Promise<void> {
    if (succeeded) await this.readCurrent(versionId);
    else await this.#read("AWSPENDING", versionId).catch(() => undefined);
  }

  /** 1 is the one before the current one; undefined if it does not exist yet. */
  before(current: number): SecretValue | undefined {
    return this.#values.at(-1 - current);
  }

  async #read(stage: "AWSCURRENT" | "AWSPENDING", versionId: string): Promise<SecretValue> {
    const value = await this.secret.readValue(stage);
    const what = this.key === "apiKey" ? "key" : "password";
    this.secrets.set(String(value[this.key]), `${what} of version ${shortVersion(versionId)}`);
    return value;
  }
}
