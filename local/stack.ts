import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import type { InvocationResult, LocalFunction } from "./lambda";
import type { PostgresServer } from "./postgres";
import { operatorClient, rotatingSecret, type RotatingSecret, startBundledFunction } from "./rotating-secret";
import type { SecretsManagerServer } from "./secrets-manager";

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
export interface Stack extends RotatingSecret {
  readonly strategy: RotationStrategy;
  readonly superuserSecretArn: string;
  readonly bootstrapFunction: LocalFunction;
  /** What the program gives the bootstrap function at `up`. */
  readonly bootstrapInput: Readonly<Record<string, unknown>>;
  /** Invokes the bootstrap function, as `up` does. */
  bootstrap(): Promise<InvocationResult>;
  stop(): Promise<void>;
}

/** Makes the secrets and the functions. The application's secret has no value until bootstrap() gives it one. */
export async function createStack(options: StackOptions): Promise<Stack> {
  const { postgres, secretsManager, strategy, database, username = "todo", ownerRole = "todo_owner" } = options;
  const client = operatorClient(secretsManager);

  const createSecret = async (name: string, value?: object): Promise<string> => {
    const SecretString = value && JSON.stringify(value);
    const { ARN } = await client.send(new CreateSecretCommand({ Name: name, ...(SecretString && { SecretString }) }));
    if (ARN === undefined) throw new Error(`CreateSecret ${name}: no ARN in the answer`);
    return ARN;
  };
  const superuserSecretArn = await createSecret(`rds!cluster-${database}`, postgres.administrator);
  const secretArn = await createSecret(`todo-rotation/${database}/database/${username}`);

  const startOne = (handler: "rotate" | "bootstrap", environment: Readonly<Record<string, string>>): LocalFunction =>
    startBundledFunction({
      ...options,
      name: `${handler}-${database}`,
      handler,
      environment: {
        DATABASE_SECRET_ARN: secretArn,
        OWNER_ROLE: ownerRole,
        PGSSLROOTCERT: postgres.caFile,
        ROTATION_STRATEGY: strategy,
        ...environment,
        ...options.environment,
      },
    });
  // A single user changes its own password: that rotation function knows of no superuser.
  const startRotateFunction = (): LocalFunction =>
    startOne("rotate", strategy === "alternating-users" ? { SUPERUSER_SECRET_ARN: superuserSecretArn } : {});
  const rotating = rotatingSecret(secretsManager, client, { secretArn, startRotateFunction });
  const bootstrapFunction = startOne("bootstrap", { SUPERUSER_SECRET_ARN: superuserSecretArn });

  const bootstrapInput = {
    host: postgres.host,
    port: postgres.port,
    dbname: database,
    username,
    dbClusterIdentifier: `cluster-${database}`,
  };
  return {
    ...rotating,
    strategy,
    superuserSecretArn,
    bootstrapFunction,
    bootstrapInput,
    bootstrap: () => bootstrapFunction.invoke(bootstrapInput),
    async stop() {
      client.destroy();
      await Promise.all([rotating.rotateFunction.stop(), bootstrapFunction.stop()]);
    },
  };
}
