import { ResourceNotFoundException, SecretsManager } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Client } from "pg";
import { accountId, region } from "../../local/aws-account";
import type { InvocationResult } from "../../local/lambda";
import type { Step } from "./rotation";
import type { TestStack } from "./stack";

type Secret = Readonly<Record<string, unknown>> & { readonly username: string; readonly password: string };

interface Event {
  readonly Step: Step;
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

const cloneSuffix = "_clone";

/**
 * What AWS's rotation function for PostgreSQL does, call by call and statement by statement: in what order it logs in,
 * what it compares, what it sends to the server and writes into the secret.
 * https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas (SecretsManagerRDSPostgreSQLRotation…)
 *
 * Left out: the RDS API, which returns where the cluster of a managed superuser's secret is.
 */
export function awsRotationFunction(stack: TestStack, strategy: "single-user" | "alternating-users") {
  const name = `aws-${strategy}-${stack.database}`;
  const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  const port = new AwsFunction(stack, strategy, name);
  return {
    name,
    arn,
    logs: [],
    refusedLogins: port.refusedLogins,
    async invoke(event: unknown): Promise<InvocationResult> {
      try {
        await port.handle(event as Event);
        return { payload: null };
      } catch (error) {
        const { name: errorType, message: errorMessage } = error as Error;
        return { functionError: "Unhandled", payload: { errorType, errorMessage, trace: [] } };
      }
    },
    stop() {
      port.client.destroy();
      return Promise.resolve();
    },
  };
}

class AwsFunction {
  readonly client: SecretsManager;
  /** Logins that the server refused, by design of these functions, and how many of them were without TLS. */
  readonly refusedLogins = { total: 0, withoutTls: 0 };

  constructor(
    private readonly stack: TestStack,
    private readonly strategy: "single-user" | "alternating-users",
    accessKeyId: string,
  ) {
    const credentials = { accessKeyId, secretAccessKey: "example" };
    this.client = new SecretsManager({ endpoint: stack.secretsManager.endpointUrl, region, credentials });
  }

  async handle({ Step, SecretId, ClientRequestToken: token }: Event): Promise<void> {
    const { RotationEnabled, VersionIdsToStages = {} } = await this.client.describeSecret({ SecretId });
    if (RotationEnabled === false) throw new Error("not enabled for rotation");
    const stages = VersionIdsToStages[token];
    if (stages === undefined) throw new Error("no stage for rotation");
    if (stages.includes("AWSCURRENT")) return;
    if (!stages.includes("AWSPENDING")) throw new Error("not set as AWSPENDING");
    switch (Step) {
      case "createSecret":
        return this.#createSecret(SecretId, token);
      case "setSecret":
        return this.strategy === "single-user"
          ? this.#setOwnPassword(SecretId, token)
          : this.#setAlternate(SecretId, token);
      case "testSecret":
        return this.#testSecret(SecretId, token);
      case "finishSecret":
        return this.#finishSecret(SecretId, token);
    }
  }

  async #createSecret(arn: string, token: string): Promise<void> {
    const current = await this.#read(arn, "AWSCURRENT");
    try {
      await this.#read(arn, "AWSPENDING", token);
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      const { RandomPassword } = await this.client.getRandomPassword({
        ExcludeCharacters: " %+`#$&*()|[]{}:;<>?!'/@\"\\=,^",
        PasswordLength: 32,
      });
      const username = this.strategy === "single-user" ? current.username : alternate(current.username);
      const SecretString = JSON.stringify({ ...current, username, password: RandomPassword });
      const version = { SecretId: arn, ClientRequestToken: token, VersionStages: ["AWSPENDING"] };
      await this.client.putSecretValue({ ...version, SecretString });
    }
  }

  async #setOwnPassword(arn: string, token: string): Promise<void> {
    const previous = await this.#read(arn, "AWSPREVIOUS").catch(() => undefined);
    const current = await this.#read(arn, "AWSCURRENT");
    const pending = await this.#read(arn, "AWSPENDING", token);
    if (await this.#logsIn(pending)) return;
    compare(pending, current, current.username);
    let session = await this.#connect(current);
    if (session === undefined && previous !== undefined) {
      session = await this.#connect({ ...previous, ssl: current.ssl });
      compare(previous, pending, pending.username);
    }
    if (session === undefined) throw new Error("unable to log in with previous, current, or pending secret");
    await this.#statement(session, `ALTER USER ${session.escapeIdentifier(pending.username)} WITH PASSWORD`, pending);
  }

  async #setAlternate(arn: string, token: string): Promise<void> {
    const current = await this.#read(arn, "AWSCURRENT");
    const pending = await this.#read(arn, "AWSPENDING", token);
    if (await this.#logsIn(pending)) return;
    compare(pending, current, alternate(current.username));
    if (!(await this.#logsIn(current))) throw new Error("unable to log in using current credentials");
    const master = await this.#readMaster(String(current.masterarn));
    assert.equal(master.host, current.host);
    const session = await this.#connect({ ...master, dbname: current.dbname });
    if (session === undefined) throw new Error("unable to log in using credentials in master secret");
    const user = session.escapeIdentifier(pending.username);
    const { rows } = await session.query("SELECT 1 FROM pg_roles where rolname = $1", [pending.username]);
    if (rows.length > 0) return this.#statement(session, `ALTER USER ${user} WITH PASSWORD`, pending);
    const grant = `GRANT ${session.escapeIdentifier(current.username)} TO ${user}`;
    await this.#statement(session, `CREATE ROLE ${user} WITH LOGIN PASSWORD`, pending, grant);
  }

  async #testSecret(arn: string, token: string): Promise<void> {
    const session = await this.#connect(await this.#read(arn, "AWSPENDING", token));
    if (session === undefined) throw new Error("unable to log in with pending secret");
    await session.query("SELECT NOW()");
    await session.end();
  }

  async #finishSecret(arn: string, token: string): Promise<void> {
    const { VersionIdsToStages = {} } = await this.client.describeSecret({ SecretId: arn });
    const current = Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes("AWSCURRENT"));
    if (current === token) return;
    const label = { SecretId: arn, VersionStage: "AWSCURRENT", MoveToVersionId: token };
    await this.client.updateSecretVersionStage({ ...label, ...(current && { RemoveFromVersionId: current }) });
  }

  async #read(arn: string, stage: string, token?: string): Promise<Secret> {
    const version = { SecretId: arn, VersionStage: stage, ...(token !== undefined && { VersionId: token }) };
    const { SecretString = "" } = await this.client.getSecretValue(version);
    const secret = JSON.parse(SecretString) as Secret;
    assert(["postgres", "aurora-postgresql"].includes(String(secret.engine)), "engine");
    for (const field of ["host", "username", "password"]) assert(field in secret, `${field} key is missing`);
    return secret;
  }

  /** A secret that RDS manages has only these two keys; its tag and the RDS API then say where the database is. */
  async #readMaster(arn: string): Promise<Secret> {
    const { SecretString = "" } = await this.client.getSecretValue({ SecretId: arn, VersionStage: "AWSCURRENT" });
    const secret = JSON.parse(SecretString) as Secret;
    assert.deepEqual(Object.keys(secret).sort(), ["password", "username"]);
    await this.client.describeSecret({ SecretId: arn });
    const { host, port } = this.stack.postgres;
    return { ...secret, host, port, engine: "aurora-postgresql" };
  }

  async #logsIn(secret: Secret): Promise<boolean> {
    const session = await this.#connect(secret);
    await session?.end();
    return session !== undefined;
  }

  /** With TLS, then once more without if the secret does not require TLS. */
  async #connect(secret: Secret): Promise<Client | undefined> {
    const session = await this.#tryToConnect(secret, true);
    return session === undefined && secret.ssl !== true ? this.#tryToConnect(secret, false) : session;
  }

  async #tryToConnect(secret: Secret, tls: boolean): Promise<Client | undefined> {
    const session = new Client({
      host: String(secret.host),
      port: Number(secret.port ?? 5432),
      database: typeof secret.dbname === "string" ? secret.dbname : "postgres",
      user: secret.username,
      password: secret.password,
      connectionTimeoutMillis: 5_000,
      ssl: tls && { ca: readFileSync(this.stack.postgres.caFile) },
    });
    try {
      await session.connect();
      return session;
    } catch {
      this.refusedLogins.total += 1;
      if (!tls) this.refusedLogins.withoutTls += 1;
      return undefined;
    }
  }

  async #statement(session: Client, sql: string, { password }: Secret, after?: string): Promise<void> {
    try {
      await session.query("BEGIN");
      await session.query(`${sql} ${session.escapeLiteral(password)}`);
      if (after !== undefined) await session.query(after);
      await session.query("COMMIT");
    } finally {
      await session.end();
    }
  }
}

function alternate(username: string): string {
  return username.endsWith(cloneSuffix) ? username.slice(0, -cloneSuffix.length) : username + cloneSuffix;
}

function compare(candidate: Secret, other: Secret, username: string): void {
  if (candidate.username !== username) throw new Error("attempting to modify another user");
  if (candidate.host !== other.host) throw new Error("attempting to modify a user of another host");
}
