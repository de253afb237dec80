import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import type { ApiService } from "./api-service";
import {
  type BundleOptions,
  operatorClient,
  rotatingSecret,
  type RotatingSecret,
  startBundledFunction,
} from "./rotating-secret";

export interface ApiKeyStackOptions extends BundleOptions {
  readonly service: ApiService;
  /** Distinguishes this stack's secret and function from others at the same endpoint. */
  readonly name: string;
  /** Who generates the next key. @default "function" */
  readonly keySource?: "function" | "service";
  /** Environment of the function, in addition to what the component sets. @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What components/rotation/api-key.ts builds around one secret, on this machine. */
export interface ApiKeyStack extends RotatingSecret {
  stop(): Promise<void>;
}

/** Creates the secret, with the service's first key, and the function. */
export async function createApiKeyStack(options: ApiKeyStackOptions): Promise<ApiKeyStack> {
  const { secretsManager, service, name, keySource = "function" } = options;
  const client = operatorClient(secretsManager);
  const value = { apiKey: service.firstKey, host: service.host };
  const { ARN: secretArn = "" } = await client.send(
    new CreateSecretCommand({ Name: `todo-rotation/${name}/api-key`, SecretString: JSON.stringify(value) }),
  );
  const startRotateFunction = () =>
    startBundledFunction({
      ...options,
      name: `rotate-${name}`,
      handler: "rotate",
      environment: {
        API_KEY_SECRET_ARN: secretArn,
        API_ALLOWED_HOST: service.host,
        API_TEST_KEY_REQUEST: `GET ${service.url}/account`,
        API_KEY_SOURCE: keySource,
        ...(keySource === "function"
          ? { API_SET_KEY_REQUEST: `PUT ${service.url}/key`, API_KEY_FIELD: "key" }
          : { API_SET_KEY_REQUEST: `POST ${service.url}/keys`, API_KEY_FIELD: "data.key" }),
        ...options.environment,
      },
    });
  const rotateFunction = startRotateFunction();
  const rotating = rotatingSecret(secretsManager, { client, secretArn, rotateFunction, startRotateFunction });
  return {
    ...rotating,
    async stop() {
      client.destroy();
      await rotating.rotateFunction.stop();
    },
  };
}
