import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { databaseSecretsVariable } from "../../contract/database-secrets";
import { type Credential, formatCredentials } from "../rotation/credential";
import type { Destination } from "../network/traffic";
import { LambdaFunction, type FunctionSettings } from "../rotation/lambda-function";
import { ageGaugeStatements } from "../policies";

export interface AgeGaugeArgs extends FunctionSettings {
  readonly credentials: readonly Credential[];
  /** Where Secrets Manager is reached. */
  readonly endpoints: Destination;
  readonly deadLetterQueueArn: pulumi.Input<string>;
  /** What the first reading waits for: a rotation that is set up. */
  readonly invokedAfter: readonly pulumi.Resource[];
}

/**
 * Publishes once a day how long ago each secret's last rotation was, since AWS has no metric for it. Also publishes at
 * each deployment that changes the function or adds a user: each alarm then has data from the first minute, and a
 * broken gauge fails the deployment.
 */
export class AgeGauge extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  readonly ruleName: pulumi.Output<string>;

  constructor(name: string, args: AgeGaugeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:AgeGauge", name, {}, opts);

    const { functionName, functionArn, codeHash, ready } = new LambdaFunction(
      name,
      {
        ...args,
        description: "Publishes the age of the last rotation",
        entryPoint: "reportAge",
        environment: { [databaseSecretsVariable]: formatCredentials(args.credentials) },
        statements: ageGaugeStatements(args.credentials.map(({ secretArn }) => secretArn)),
        destinations: { endpoints: args.endpoints },
      },
      { parent: this },
    );
    new lambda.Invocation(
      name,
      {
        functionName,
        input: "{}",
        triggers: {
          code: codeHash,
          users: args.credentials.map(({ username }) => username).join(" "),
        },
      },
      { parent: this, dependsOn: [...ready, ...args.invokedAfter] },
    );
    const rule = new cloudwatch.EventRule(
      name,
      { description: "Reads the age of the last rotation", scheduleExpression: "rate(1 day)" },
      { parent: this },
    );
    const permission = new lambda.Permission(
      name,
      {
        function: functionName,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      { parent: this },
    );
    new cloudwatch.EventTarget(
      name,
      { rule: rule.name, arn: functionArn, deadLetterConfig: { arn: args.deadLetterQueueArn } },
      { parent: this, dependsOn: [permission, ...ready] },
    );
    this.ruleName = rule.name;
    this.functionName = functionName;
    this.registerOutputs({ functionName: this.functionName, ruleName: this.ruleName });
  }
}
