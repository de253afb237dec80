/** A rotation function for the tests of the local endpoint: its value is the token, and it has no database. */
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import console from "node:console";

const client = new SecretsManager({});
let failuresLeft = 1;

const steps = {
  async createSecret({ SecretId, ClientRequestToken }) {
    const SecretString = `value of ${ClientRequestToken}`;
    await client.putSecretValue({ SecretId, ClientRequestToken, SecretString, VersionStages: ["AWSPENDING"] });
  },
  async setSecret() {},
  async testSecret({ SecretId, ClientRequestToken: VersionId }) {
    const { SecretString } = await client.getSecretValue({ SecretId, VersionId, VersionStage: "AWSPENDING" });
    console.log(`tested: ${SecretString}`);
  },
  async finishSecret({ SecretId, ClientRequestToken }) {
    const { VersionIdsToStages } = await client.describeSecret({ SecretId });
    const [current] = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes("AWSCURRENT"));
    if (current === ClientRequestToken) return;
    await client.updateSecretVersionStage({
      SecretId,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: ClientRequestToken,
      RemoveFromVersionId: current,
    });
  },
};

export async function rotate(event) {
  await steps[event.Step](event);
}

export async function failOnceAtTestSecret(event) {
  if (event.Step === "testSecret" && failuresLeft-- > 0) throw new Error("not this time");
  await rotate(event);
}

export async function failAtSetSecret(event) {
  if (event.Step === "setSecret") throw new RangeError("never");
  await rotate(event);
}

export async function failAtCreateSecret() {
  throw new RangeError("never");
}

export async function doNothing() {}
