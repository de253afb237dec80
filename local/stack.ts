import { CreateSecretCommand } from "@aws-sdk/client-secrets-manager";
import {
  type Access,
  type DatabaseSecretEntries,
  type DatabaseSecretEntry,
  databaseSecretsVariable,
  type DatabaseStrategyName as RotationStrategy,
  formatDatabaseSecrets,
} from "../contract/database-secrets";
import type { InvocationResult, LocalFunction } from "./lambda";
import type { PostgresServer } from "./postgres";
import {
  type BundleOptions,
  operatorClient,
  rotatingSecret,
  type RotatingSecret,
  startBundledFunction,
} from "./rotating-secret";

export type { DatabaseStrategyName as RotationStrategy } from "../contract/database-secrets";

/** An additional user with a secret of its own. */
export interface AdditionalUser {
  readonly name: string;
  readonly access: Access;
  /** @default the stack's */
  readonly strategy?: RotationStrategy;
}

export interface StackOptions extends BundleOptions {
  readonly postgres: PostgresServer;
  readonly strategy: RotationStrategy;
  /** Must exist already and belong to the administrator. */
  readonly database: string;
  /** @default "todo" */
  readonly username?: string;
  /** @default "todo_owner" */
  readonly ownerRole?: string;
  /** @default none */
  readonly additionalUsers?: readonly AdditionalUser[];
  /** Environment of both functions, in addition to what the program sets. @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What `pulumi up` builds around the secrets, on this machine: the secrets and the two functions. */
export interface Stack extends RotatingSecret {
  readonly strategy: RotationStrategy;
  /** What both functions get about the secrets; the first is the application's own. */
  readonly secrets: DatabaseSecretEntries;
  /** By the additional user's name. The same function rotates them. */
  readonly additional: Readonly<Record<string, RotatingSecret>>;
  readonly superuserSecretArn: string;
  readonly bootstrapFunction: LocalFunction;
  /** The bootstrap function's input at `up`. */
  readonly bootstrapInput: Readonly<Record<string, unknown>>;
  /** Invokes the bootstrap function, as `up` does. */
  bootstrap(): Promise<InvocationResult>;
  stop(): Promise<void>;
}

/** Creates the secrets and the functions. The application's secret has no value until bootstrap() sets one. */
export async function createStack(options: StackOptions): Promise<Stack> {
  const { postgres, secretsManager, strategy, database, username = "todo", ownerRole = "todo_owner" } = options;
  const { additionalUsers = [] } = options;
  const client = operatorClient(secretsManager);

  const createSecret = async (name: string, value?: object): Promise<string> => {
    const { ARN } = await client.send(
      new CreateSecretCommand({ Name: name, SecretString: value && JSON.stringify(value) }),
    );
    if (ARN === undefined) throw new Error(`CreateSecret ${name}: no ARN in the answer`);
    return ARN;
  };
  const superuserSecretArn = await createSecret(`rds!cluster-${database}`, postgres.administrator);
  const secretArn = await createSecret(`todo-rotation/${database}/database/${username}`);
  const secrets: [DatabaseSecretEntry, ...DatabaseSecretEntry[]] = [{ secretArn, username, access: "owner", strategy }];
  for (const { name, ...user } of additionalUsers) {
    const ofUser = await createSecret(`todo-rotation/${database}/database/${name}`);
    secrets.push({ strategy, ...user, secretArn: ofUser, username: name });
  }

  const startOne = (handler: "rotate" | "bootstrap", environment: Readonly<Record<string, string>>): LocalFunction =>
    startBundledFunction({
      ...options,
      name: `${handler}-${database}`,
      handler,
      environment: {
        [databaseSecretsVariable]: formatDatabaseSecrets(secrets),
        OWNER_ROLE: ownerRole,
        PGSSLROOTCERT: postgres.caFile,
        ...environment,
        ...options.environment,
      },
    });
  // A single user changes its own password: if all users do, the rotation function has no superuser.
  const needsSuperuser = secrets.some((entry) => entry.strategy === "alternating-users");
  const startRotateFunction = (): LocalFunction =>
    startOne("rotate", needsSuperuser ? { SUPERUSER_SECRET_ARN: superuserSecretArn } : {});
  const rotateFunction = startRotateFunction();
  const parts = { client, rotateFunction, startRotateFunction };
  const rotating = rotatingSecret(secretsManager, { ...parts, secretArn });
  const additional = secrets
    .slice(1)
    .map((entry) => [entry.username, rotatingSecret(secretsManager, { ...parts, ...entry })] as const);
  const bootstrapFunction = startOne("bootstrap", { SUPERUSER_SECRET_ARN: superuserSecretArn });

  const bootstrapInput = {
    host: postgres.host,
    port: postgres.port,
    dbname: database,
    dbClusterIdentifier: `cluster-${database}`,
  };
  return {
    ...rotating,
    strategy,
    secrets,
    additional: Object.fromEntries(additional),
    superuserSecretArn,
    bootstrapFunction,
    bootstrapInput,
    bootstrap: () => bootstrapFunction.invoke(bootstrapInput),
    async stop() {
      client.destroy();
      await Promise.all([rotateFunction.stop(), bootstrapFunction.stop()]);
    },
  };
}
