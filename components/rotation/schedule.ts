import * as lambda from "@pulumi/aws/lambda";
import * as secretsmanager from "@pulumi/aws/secretsmanager";
import type { Input, Resource } from "@pulumi/pulumi";

export interface RotationScheduleArgs {
  readonly accountId: Input<string>;
  readonly secretArn: Input<string>;
  /** automaticallyAfterDays or scheduleExpression, and optionally a duration like "3h". */
  readonly rotationRules: NonNullable<secretsmanager.SecretRotationArgs["rotationRules"]>;
  /** Rotates immediately when rotation is set up or its rules change. */
  readonly rotateImmediately: boolean;
}

/** Lets Secrets Manager invoke the function, for secrets of this account only. */
export function allowRotation(
  name: string,
  { functionName, accountId }: Pick<RotationScheduleArgs, "accountId"> & { readonly functionName: Input<string> },
  parent: Resource,
): Resource {
  return new lambda.Permission(
    name,
    {
      function: functionName,
      action: "lambda:InvokeFunction",
      principal: "secretsmanager.amazonaws.com",
      sourceAccount: accountId, // without it, any account's secret could invoke the function
    },
    { parent },
  );
}

export function scheduleRotation(
  name: string,
  { functionArn, ...args }: RotationScheduleArgs & { readonly functionArn: Input<string> },
  { parent, dependsOn }: { readonly parent: Resource; readonly dependsOn: readonly Resource[] },
): void {
  new secretsmanager.SecretRotation(
    name,
    {
      secretId: args.secretArn,
      rotationLambdaArn: functionArn,
      rotationRules: args.rotationRules,
      rotateImmediately: args.rotateImmediately,
    },
    { parent, dependsOn: [...dependsOn] },
  );
}
