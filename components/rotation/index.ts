import * as pulumi from "@pulumi/pulumi";
import { AwsProvidedRotation } from "./aws-provided";
import { credentialEnvironment, type CredentialFunctionArgs, type Credentials, forEachCredential } from "./credential";
import { LambdaFunction } from "./lambda-function";
import { rotationStatements } from "../policies";
import { allowRotation, scheduleRotation, type RotationScheduleArgs } from "./schedule";

export interface CredentialRotationArgs
  extends CredentialFunctionArgs, Omit<RotationScheduleArgs, "secretArn" | "rotationRules"> {
  /** AWS's function rotates only one. */
  readonly credentials: Credentials;
  /** Semantic version of AWS's application; for rotationImplementation aws-provided. */
  readonly rotationApplicationVersion: string;
  /** Project and stack: prefix of the name of AWS's function. */
  readonly stackName: string;
  readonly clusterArn: pulumi.Input<string>;
}

/**
 * Rotates each credential on its schedule: one function for all, who may invoke it, and when. The rotation is the same
 * resource for either function, so that switching the function is an update.
 */
export class CredentialRotation extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: CredentialRotationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:CredentialRotation", name, {}, opts);

    const { functionName, functionArn, ready } =
      args.rotationImplementation === "custom" ? this.#ownFunction(name, args) : this.#awsFunction(name, args);
    const scheduled = { parent: this, dependsOn: [...ready, ...args.invokedAfter] };
    forEachCredential(args.credentials, (credential, nameOf) => {
      scheduleRotation(nameOf(name), { ...args, ...credential, functionArn }, scheduled);
    });

    this.functionName = functionName;
    this.registerOutputs({ functionName });
  }

  #ownFunction(name: string, args: CredentialRotationArgs): ReadyFunction {
    const { functionName, functionArn, ready } = new LambdaFunction(
      name,
      {
        ...args,
        description: "Rotates the database credential",
        entryPoint: "rotate",
        environment: credentialEnvironment(args),
        statements: rotationStatements({ ...args, secretArns: args.credentials.map(({ secretArn }) => secretArn) }),
      },
      { parent: this },
    );
    return { functionName, functionArn, ready: [allowRotation(name, { ...args, functionName }, this), ...ready] };
  }

  #awsFunction(name: string, args: CredentialRotationArgs): ReadyFunction {
    const [{ strategy: rotationStrategy }] = args.credentials;
    return new AwsProvidedRotation(
      name,
      {
        ...args,
        engine: "postgresql",
        rotationStrategy,
        applicationVersion: args.rotationApplicationVersion,
        // One name for each strategy: a change of strategy creates the new application before it deletes the old one.
        functionName: `${args.stackName}-${rotationStrategy}`,
      },
      { parent: this },
    );
  }
}

type ReadyFunction = Pick<LambdaFunction, "functionName" | "functionArn" | "ready">;
