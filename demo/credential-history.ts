import type { RotatingSecret } from "../local/rotating-secret";
import type { Credential } from "./login";
import { shortVersion } from "./version";

/** Every credential that one secret ever held. */
export class CredentialHistory {
  readonly #credentials: Credential[] = [];

  /** @param secrets collects each password, because no log may hold it */
  constructor(
    private readonly secret: Pick<RotatingSecret, "readValue">,
    private readonly secrets: Map<string, string>,
  ) {}

  /** Reads AWSCURRENT, as an application does. */
  async readCurrent(versionId = "first"): Promise<Credential> {
    const credential = await this.#read("AWSCURRENT", versionId);
    this.#credentials.push(credential);
    return credential;
  }

  /** Reads the candidate of a failed rotation, if createSecret got far enough to make one. */
  async readPending(versionId: string): Promise<void> {
    await this.#read("AWSPENDING", versionId).catch(() => undefined);
  }

  /** 1 is the one before the current one; undefined if it does not exist yet. */
  before(current: number): Credential | undefined {
    return this.#credentials.at(-1 - current);
  }

  async #read(stage: "AWSCURRENT" | "AWSPENDING", versionId: string): Promise<Credential> {
    const { username, password, dbname } = await this.secret.readValue(stage);
    this.secrets.set(String(password), `password of version ${shortVersion(versionId)}`);
    return { username: String(username), password: String(password), dbname: String(dbname) };
  }
}
