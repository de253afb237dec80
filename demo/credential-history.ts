import type { PostgresServer } from "../local/postgres";
import type { Stack } from "../local/stack";
import type { Secrets } from "./log-search";
import type { Credential } from "./login";
import { shortVersion } from "./version";

/** Every credential that one secret ever held, and everything else that no log may hold. */
export class CredentialHistory {
  readonly #credentials: Credential[] = [];
  readonly #secrets = new Map<string, string>();

  constructor(
    private readonly stack: Stack,
    postgres: PostgresServer,
  ) {
    this.#secrets.set(postgres.administrator.password, "administrator's password");
    this.#secrets.set(postgres.superuser.password, "superuser's password");
  }

  get secrets(): Secrets {
    return this.#secrets;
  }

  noteRotationToken(token: string): void {
    this.#secrets.set(token, "token of a rotation");
  }

  /** Reads AWSCURRENT, as an application does. */
  async readCurrent(versionId = "first"): Promise<Credential> {
    const credential = await this.#read("AWSCURRENT", versionId);
    this.#credentials.push(credential);
    return credential;
  }

  /** Reads the candidate of a rotation that failed, if createSecret came as far as making one. */
  async readPending(versionId: string): Promise<void> {
    await this.#read("AWSPENDING", versionId).catch(() => undefined);
  }

  /** 1: the one before the current one; undefined where there is none yet. */
  before(current: number): Credential | undefined {
    return this.#credentials.at(-1 - current);
  }

  async #read(stage: "AWSCURRENT" | "AWSPENDING", versionId: string): Promise<Credential> {
    const { username, password, dbname } = await this.stack.readValue(stage);
    this.#secrets.set(String(password), `password of version ${shortVersion(versionId)}`);
    return { username: String(username), password: String(password), dbname: String(dbname) };
  }
}
