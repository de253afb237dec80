import * as pulumi from "@pulumi/pulumi";
import { credentialEnvironment, type CredentialFunctionArgs } from "./credential-function";
import { LambdaFunction } from "./lambda-function";
import { rotationStatements } from "./policies";
import { scheduleRotation, type RotationScheduleArgs } from "./rotation-schedule";

export interface CredentialRotationArgs extends CredentialFunctionArgs, RotationScheduleArgs {
  readonly secretArn: pulumi.Input<string>;
}

/** Rotates the application's credential on a schedule: the function, who may invoke it, and when. */
export class CredentialRotation extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: CredentialRotationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:CredentialRotation", name, {}, opts);

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
    scheduleRotation(
      name,
      { ...args, functionName, functionArn },
      { parent: this, dependsOn: [...ready, ...args.invokedAfter] },
    );

    this.functionName = functionName;
    this.registerOutputs({ functionName });
  }
}
