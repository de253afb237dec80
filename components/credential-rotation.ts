import * as lambda from "@pulumi/aws/lambda";
import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import { credentialEnvironment, type CredentialFunctionArgs } from "./credential-function";
import { LambdaFunction } from "./lambda-function";
import { rotationStatements } from "./policies";

export interface CredentialRotationArgs extends CredentialFunctionArgs {
  readonly accountId: pulumi.Input<string>;
  /** automaticallyAfterDays or scheduleExpression, and perhaps a duration such as "3h". */
  readonly rotationRules: NonNullable<secretsmanager.SecretRotationArgs["rotationRules"]>;
  /** Rotates at once when rotation is set up or its rules change. */
  readonly rotateImmediately: boolean;
}

/** Rotates the application's credential on a schedule: the function, who may invoke it, and when. */
export class CredentialRotation extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: CredentialRotationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:CredentialRotation", name, {}, opts);

    const lambdaFunction = new LambdaFunction(
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
    const permission = new lambda.Permission(
      name,
      {
        function: lambdaFunction.functionName,
        action: "lambda:InvokeFunction",
        principal: "secretsmanager.amazonaws.com",
        sourceAccount: args.accountId, // without it, any account's secret could invoke the function
      },
      { parent: this },
    );
    new secretsmanager.SecretRotation(
      name,
      {
        secretId: args.secretArn,
        rotationLambdaArn: lambdaFunction.functionArn,
        rotationRules: args.rotationRules,
        rotateImmediately: args.rotateImmediately,
      },
      { parent: this, dependsOn: [permission, ...lambdaFunction.ready, ...args.invokedAfter] },
    );

    this.functionName = lambdaFunction.functionName;
    this.registerOutputs({ functionName: this.functionName });
  }
}
