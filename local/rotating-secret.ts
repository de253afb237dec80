import { GetSecretValueCommand, RotateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { join } from "node:path";
import { type LocalFunction, startFunction } from "./lambda";
import type { RotationOutcome, SecretsManagerServer } from "./secrets-manager";

/** How to run a function of the bundle. */
export interface BundledFunctionOptions {
  readonly name: string;
  /** The bundle's export. */
  readonly handler: "rotate" | "bootstrap";
  readonly secretsManager: SecretsManagerServer;
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the functions' bundle. @default what `npm run build` wrote */
  readonly bundleFile?: string | undefined;
  /** The Node that runs the function. @default the one that runs this program */
  readonly execPath?: string | undefined;
  /** @default 60 */
  readonly timeoutSeconds?: number | undefined;
  /** Called with each line that the function logs. */
  readonly onLog?: ((line: string) => void) | undefined;
}

/** A secret, and the function that rotates it. */
export interface RotatingSecret {
  readonly secretArn: string;
  /** An operator's client: its access key id distinguishes its calls from the functions'. */
  readonly client: SecretsManagerClient;
  readonly rotateFunction: LocalFunction;
  /** The same function in separate processes, which the caller stops. */
  startRotateFunction(): LocalFunction;
  /** Starts a rotation and waits for its end. */
  rotate(): Promise<RotationOutcome>;
  /** The value of a version's label, as an application reads it. */
  readValue(stage?: "AWSCURRENT" | "AWSPENDING" | "AWSPREVIOUS"): Promise<Record<string, unknown>>;
}

const builtBundleFile = join(__dirname, "..", "dist", "rotation-fn", "index.mjs");

/** Makes an export of the bundle callable, as the program deploys it. */
export function startBundledFunction(options: BundledFunctionOptions): LocalFunction {
  const { name, handler, secretsManager, environment, bundleFile = builtBundleFile } = options;
  const { execPath, timeoutSeconds, onLog } = options;
  return startFunction({
    name,
    bundleFile,
    handler,
    environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpointUrl, ...environment },
    ...(execPath !== undefined && { execPath }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(onLog && { onLog }),
  });
}

export function operatorClient({ endpointUrl, region }: SecretsManagerServer): SecretsManagerClient {
  const credentials = { accessKeyId: "operator", secretAccessKey: "example" };
  return new SecretsManagerClient({ endpoint: endpointUrl, region, credentials });
}

/** Allows the function to rotate the secret, and an operator to request it. */
export function rotatingSecret(
  secretsManager: SecretsManagerServer,
  parts: Pick<RotatingSecret, "client" | "secretArn" | "rotateFunction" | "startRotateFunction">,
): RotatingSecret {
  const { client, secretArn, rotateFunction, startRotateFunction } = parts;
  secretsManager.registerFunction(rotateFunction);
  return {
    secretArn,
    client,
    rotateFunction,
    startRotateFunction,
    async rotate() {
      await client.send(
        new RotateSecretCommand({
          SecretId: secretArn,
          RotationLambdaARN: rotateFunction.arn,
          RotationRules: { ScheduleExpression: "rate(4 hours)" },
        }),
      );
      return secretsManager.whenRotated(secretArn);
    },
    async readValue(stage = "AWSCURRENT") {
      const command = new GetSecretValueCommand({ SecretId: secretArn, VersionStage: stage });
      const { SecretString = "" } = await client.send(command);
      return JSON.parse(SecretString) as Record<string, unknown>;
    },
  };
}
