import {
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { join } from "node:path";
import { type InvocationResult, type LocalFunction, startFunction } from "./lambda";
import type { PostgresServer } from "./postgres";
import type { RotationOutcome, SecretsManagerServer } from "./secrets-manager";

export type RotationStrategy = "single-user" | "alternating-users";

export interface StackOptions {
  readonly postgres: PostgresServer;
  readonly secretsManager: SecretsManagerServer;
  readonly strategy: RotationStrategy;
  /** Exists already and belongs to the administrator. */
  readonly database: string;
  /** @default "todo" */
  readonly username?: string;
  /** @default "todo_owner" */
  readonly ownerRole?: string;
  /** Path of the functions' bundle. @default what `npm run build` wrote */
  readonly bundleFile?: string;
  /** Environment of both functions, on top of what the program gives them. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** The Node that runs the functions. @default the one that runs this program */
  readonly execPath?: string;
  /** @default 60 */
  readonly timeoutSeconds?: number;
  /** Called with each line that the functions log. */
  readonly onLog?: (line: string) => void;
}

/** What `pulumi up` builds around one secret, on this machine: the two secrets and the two functions. */
export interface Stack {
  readonly strategy: RotationStrategy;
  readonly secretArn: string;
  readonly superuserSecretArn: string;
  /** An operator's client: its calls are told from the functions' by their access key id. */
  readonly client: SecretsManagerClient;
  readonly rotateFunction: LocalFunction;
  readonly bootstrapFunction: LocalFunction;
  /** What the program gives the bootstrap function at `up`. */
  readonly bootstrapInput: Readonly<Record<string, unknown>>;
  /** Invokes the bootstrap function, as `up` does. */
  bootstrap(): Promise<InvocationResult>;
  /** Starts a rotation and waits for its end. */
  rotate(): Promise<RotationOutcome>;
  /** The value of a version's label, as an application reads it. */
  readValue(stage?: "AWSCURRENT" | "AWSPENDING" | "AWSPREVIOUS"): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

const builtBundleFile = join(__dirname, "..", "dist", "rotation-fn", "index.mjs");

/** Makes the secrets and the functions. The application's secret has no value until bootstrap() gives it one. */
export async function createStack(options: StackOptions): Promise<Stack> {
  const { postgres, secretsManager, strategy, database, username = "todo", ownerRole = "todo_owner" } = options;
  const { endpointUrl, region } = secretsManager;
  const credentials = { accessKeyId: "operator", secretAccessKey: "example" };
  const client = new SecretsManagerClient({ endpoint: endpointUrl, region, credentials });

  const createSecret = async (name: string, value?: object): Promise<string> => {
    const SecretString = value && JSON.stringify(value);
    const { ARN } = await client.send(new CreateSecretCommand({ Name: name, ...(SecretString && { SecretString }) }));
    if (ARN === undefined) throw new Error(`CreateSecret ${name}: no ARN in the answer`);
    return ARN;
  };
  const superuserSecretArn = await createSecret(`rds!cluster-${database}`, postgres.administrator);
  const secretArn = await createSecret(`todo-rotation/${database}/database/${username}`);

  const startOne = (handler: "rotate" | "bootstrap", environment: Readonly<Record<string, string>>): LocalFunction =>
    startFunction({
      name: `${handler}-${database}`,
      bundleFile: options.bundleFile ?? builtBundleFile,
      handler,
      environment: {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: endpointUrl,
        DATABASE_SECRET_ARN: secretArn,
        OWNER_ROLE: ownerRole,
        PGSSLROOTCERT: postgres.caFile,
        ROTATION_STRATEGY: strategy,
        ...environment,
        ...options.environment,
      },
      ...(options.execPath !== undefined && { execPath: options.execPath }),
      ...(options.timeoutSeconds !== undefined && { timeoutSeconds: options.timeoutSeconds }),
      ...(options.onLog && { onLog: options.onLog }),
    });
  // A single user changes its own password: that rotation function knows of no superuser.
  const rotateFunction = startOne(
    "rotate",
    strategy === "alternating-users" ? { SUPERUSER_SECRET_ARN: superuserSecretArn } : {},
  );
  const bootstrapFunction = startOne("bootstrap", { SUPERUSER_SECRET_ARN: superuserSecretArn });
  secretsManager.registerFunction(rotateFunction);

  const bootstrapInput = {
    host: postgres.host,
    port: postgres.port,
    dbname: database,
    username,
    dbClusterIdentifier: `cluster-${database}`,
  };
  return {
    strategy,
    secretArn,
    superuserSecretArn,
    client,
    rotateFunction,
    bootstrapFunction,
    bootstrapInput,
    bootstrap: () => bootstrapFunction.invoke(bootstrapInput),
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
    async stop() {
      client.destroy();
      await Promise.all([rotateFunction.stop(), bootstrapFunction.stop()]);
    },
  };
}
