import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { credentialEnvironment, type CredentialFunctionArgs, formatCredentials } from "../rotation/credential";
import { LambdaFunction } from "../rotation/lambda-function";
import { bootstrapStatements, type SuperuserSecret } from "../policies";

export interface DatabaseBootstrapArgs extends CredentialFunctionArgs {
  readonly superuserSecret: SuperuserSecret;
  readonly clusterEndpoint: pulumi.Input<string>;
  readonly clusterIdentifier: pulumi.Input<string>;
  readonly databaseName: string;
  readonly port: number;
}

/**
 * Creates the roles, the schema and each secret's first value, from inside the VPC and during `pulumi up`. It returns
 * only what it did, so nothing secret gets into the state, and leaves alone what already exists. Resources that need
 * the credential depend on this component.
 */
export class DatabaseBootstrap extends pulumi.ComponentResource {
  constructor(name: string, args: DatabaseBootstrapArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:DatabaseBootstrap", name, {}, opts);

    const { rotationImplementation } = args;
    const isCustom = rotationImplementation === "custom";
    const { functionName, codeHash, ready } = new LambdaFunction(
      name,
      {
        ...args,
        description: "Makes the database roles, the schema and the first credential",
        entryPoint: "bootstrap",
        environment: {
          ...credentialEnvironment(args),
          ...(isCustom ? {} : { ROTATION_IMPLEMENTATION: rotationImplementation }),
        },
        statements: bootstrapStatements({ ...args, secretArns: args.credentials.map(({ secretArn }) => secretArn) }),
      },
      { parent: this },
    );
    new lambda.Invocation(
      name,
      {
        functionName,
        input: pulumi.jsonStringify({
          host: args.clusterEndpoint,
          port: args.port,
          dbname: args.databaseName,
          dbClusterIdentifier: args.clusterIdentifier,
        }),
        // Invoked again when the input, the code, a user or the rotation implementation changes.
        triggers: {
          code: codeHash,
          credentials: formatCredentials(args.credentials),
          ...(isCustom ? {} : { rotationImplementation }),
        },
      },
      { parent: this, dependsOn: [...ready, ...args.invokedAfter] },
    );
    this.registerOutputs({ functionName });
  }
}
