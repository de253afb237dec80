import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { randomUUID } from "node:crypto";
import {
  startSecretsManager,
  type SecretsManagerOptions,
  type SecretsManagerServer,
} from "../../local/secrets-manager";

/** What the tests of one file share: an endpoint, and the unmodified SDK as its client. */
export interface SecretsManagerForTests {
  readonly server: SecretsManagerServer;
  /** Signs as "operator", and does not retry, so that errors are seen as they were answered. */
  readonly client: SecretsManager;
  /** Creates a separate secret for one test. */
  createSecret(value?: string): Promise<{ SecretId: string; name: string; versionId: string }>;
}

/** Starts the endpoint before the tests of a file, and stops it after them. */
export function secretsManagerForTests(options: SecretsManagerOptions = {}): SecretsManagerForTests {
  let server: SecretsManagerServer | undefined;
  let client: SecretsManager | undefined;
  before(async () => {
    server = await startSecretsManager(options);
    client = clientFor(server.endpointUrl);
  });
  after(async () => {
    client?.destroy();
    await server?.stop();
  });
  return {
    get server() {
      return started(server);
    },
    get client() {
      return started(client);
    },
    async createSecret(value = "first value") {
      const name = `test/${randomUUID()}`;
      const { ARN, VersionId } = await started(client).createSecret({ Name: name, SecretString: value });
      return { SecretId: started(ARN), name, versionId: started(VersionId) };
    },
  };
}

export function clientFor(endpoint: string, maxAttempts = 1): SecretsManager {
  const credentials = { accessKeyId: "operator", secretAccessKey: "example-secret-access-key" };
  const cacheMiddleware = true; // put together once, not for each call
  return new SecretsManager({ endpoint, region: "us-east-1", credentials, maxAttempts, cacheMiddleware });
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("used before the endpoint has started");
  return value;
}
