import { GetSecretValueCommand, RotateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { join } from "node:path";
import { type FunctionOptions, type LocalFunction, startFunction } from "./lambda";
import type { RotationOutcome, SecretsManagerServer } from "./secrets-manager";

/** How to run the functions of the bundle. */
export interface BundleOptions extends Pick<FunctionOptions, "execPath" | "timeoutSeconds" | "onLog"> {
  readonly secretsManager: SecretsManagerServer;
  /** Path of the functions' bundle. @default what `npm run build` wrote */
  readonly bundleFile?: string;
}

interface BundledFunctionOptions extends BundleOptions, Pick<FunctionOptions, "name" | "environment"> {
  readonly handler: "rotate" | "bootstrap";
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
  const { secretsManager, environment, bundleFile = builtBundleFile } = options;
  return startFunction({
    ...options,
    bundleFile,
    environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpointUrl, ...environment },
  });
}

export function operatorClient({ endpointUrl, region }: SecretsManagerServer): SecretsManagerClient {
  const credentials = { accessKeyId: "operator", secretAccessKey: "example" };
  const cacheMiddleware = true; // put together once, not for each call
  return new SecretsManagerClient({ endpoint: endpointUrl, region, credentials, cacheMiddleware });
}

/** Allows the function to rotate the secret, and an operator to request it. */
export function rotatingSecret(
  secretsManager: SecretsManagerServer,
  parts: Pick<RotatingSecret, "client" | "secretArn" | "rotateFunction" | "startRotateFunction">,
): RotatingSecret {
  const { client, secretArn, rotateFunction, startRotateFunction } = parts;
  secretsManager.registerFunction(rotateFunction);
  return {
    ...{ client, secretArn, rotateFunction, startRotateFunction },
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
