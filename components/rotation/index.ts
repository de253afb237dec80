import * as pulumi from "@pulumi/pulumi";
import { AwsProvidedRotation } from "./aws-provided";
import { credentialEnvironment, type CredentialFunctionArgs } from "./credential-function";
import { LambdaFunction } from "./lambda-function";
import { rotationStatements } from "../policies";
import { allowRotation, scheduleRotation, type RotationScheduleArgs } from "./schedule";

export interface CredentialRotationArgs extends CredentialFunctionArgs, RotationScheduleArgs {
  readonly secretArn: pulumi.Input<string>;
  /** Semantic version of AWS's application; for rotationImplementation aws-provided. */
  readonly rotationApplicationVersion: string;
  /** Project and stack: start of the name of AWS's function. */
  readonly stackName: string;
  readonly clusterArn: pulumi.Input<string>;
}

/**
 * Rotates the application's credential on a schedule: the function, who may invoke it, and when. Whichever function it
 * is, rotation itself is the same resource, so that a change of the function is an update of it.
 */
export class CredentialRotation extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: CredentialRotationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:CredentialRotation", name, {}, opts);

    const { functionName, functionArn, ready } =
      args.rotationImplementation === "custom" ? this.#ownFunction(name, args) : this.#awsFunction(name, args);
    scheduleRotation(name, { ...args, functionArn }, { parent: this, dependsOn: [...ready, ...args.invokedAfter] });

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
        statements: rotationStatements(args),
      },
      { parent: this },
    );
    return { functionName, functionArn, ready: [allowRotation(name, { ...args, functionName }, this), ...ready] };
  }

  #awsFunction(name: string, args: CredentialRotationArgs): ReadyFunction {
    return new AwsProvidedRotation(
      name,
      {
        ...args,
        engine: "postgresql",
        applicationVersion: args.rotationApplicationVersion,
        // Another one for each strategy: a change of that makes the next application before it deletes the former.
        functionName: `${args.stackName}-${args.rotationStrategy}`,
      },
      { parent: this },
    );
  }
}

interface ReadyFunction {
  readonly functionName: pulumi.Output<string>;
  readonly functionArn: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];
}
