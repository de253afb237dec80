import assert from "node:assert/strict";
import { type ReadSecret } from "../../credential-pool";
import { secretsManagerSource } from "../../credential-pool/secrets-manager";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type SecretsManagerServer, startSecretsManager } from "../../local/secrets-manager";
import { useAwsEnvironment } from "../support/aws-environment";

describe("the source in Secrets Manager", () => {
  let server: SecretsManagerServer;
  let restoreEnvironment: () => void;
  let read: ReadSecret;

  before(async () => {
    server = await startSecretsManager();
    restoreEnvironment = useAwsEnvironment(server.endpointUrl);
    const client = new SecretsManagerClient();
    const { ARN } = await client.send(new CreateSecretCommand({ Name: "example", SecretString: "{}" }));
    client.destroy();
    assert.ok(ARN);
    read = secretsManagerSource(ARN);
  });
  afterEach(() => {
    server.clearFaults();
    server.clearCalls();
  });
  after(async () => {
    restoreEnvironment();
    await server.stop();
  });

  it("returns AWSCURRENT's text, its version and when that was created", async () => {
    const version = await read("AWSCURRENT");
    assert.equal(version?.text, "{}");
    assert.match(version.versionId ?? "", /^[0-9a-f-]{36}$/);
    assert.ok(version.createdAt instanceof Date);
  });

  it("returns nothing for an AWSPENDING that is absent or may not be read", async () => {
    assert.equal(await read("AWSPENDING"), undefined);
    server.inject({ error: "AccessDeniedException" });
    assert.equal(await read("AWSPENDING"), undefined);
  });

  it("fails for an AWSCURRENT that may not be read", async () => {
    server.inject({ error: "AccessDeniedException" });
    await assert.rejects(read("AWSCURRENT"), { name: "AccessDeniedException" });
  });

  it("fails after two tries when Secrets Manager throttles or is down", async () => {
    for (const fault of [{ error: "ThrottlingException" }, { down: true }]) {
      server.clearCalls();
      server.inject(fault);
      await assert.rejects(read("AWSPENDING"));
      assert.equal(server.calls.length, 2);
      server.clearFaults();
    }
  });

  it("gives up on an answer that does not come", async () => {
    server.inject({ delayMs: 60_000 });
    await assert.rejects(read("AWSCURRENT"), { name: "TimeoutError" });
    assert.equal(server.calls.length, 2);
  });
});
