import * as pulumi from "@pulumi/pulumi";
import { rotationStatements } from "../policies";
import type { LogSettings } from "../settings";
import { LambdaFunction } from "./lambda-function";
import { allowRotation, scheduleRotation, type RotationScheduleArgs } from "./schedule";

export interface ApiKeyRotationArgs extends LogSettings, RotationScheduleArgs {
  readonly region: string;
  /** The secret. You write its first value, `{"apiKey": "…"}`. contract/api-key.ts says what else it may hold. */
  readonly secretArn: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
  /** The only host that the key is sent to, with its port if that is not 443. */
  readonly allowedHost: string;
  /** Method and URL of the request that sets the next key, or asks the service to make it: `PUT https://…`. */
  readonly setKeyRequest: string;
  /** Method and URL of a request that is answered with 2xx for a valid key: `GET https://…`. */
  readonly testKeyRequest: string;
  /** The header that carries the key, with `{key}` in it. @default "Authorization: Bearer {key}" */
  readonly keyHeader?: string;
  /** The JSON field of the next key, with dots between nested names. @default "key" */
  readonly keyField?: string;
  /** Who makes the next key. @default "function" */
  readonly keySource?: "function" | "service";
}

/** Rotates the key of an HTTP service on a schedule, from outside any VPC. */
export class ApiKeyRotation extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: ApiKeyRotationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:ApiKeyRotation", name, {}, opts);

    const { functionName, functionArn, ready } = new LambdaFunction(
      name,
      {
        logGroupPrefix: args.logGroupPrefix,
        logRetentionDays: args.logRetentionDays,
        description: `Rotates the API key of ${args.allowedHost}`,
        entryPoint: "rotate",
        environment: apiKeyEnvironment(args),
        statements: rotationStatements({ ...args, secretArns: [args.secretArn], superuserSecret: undefined }),
      },
      { parent: this },
    );
    const permission = allowRotation(name, { ...args, functionName }, this);
    scheduleRotation(name, { ...args, functionArn }, { parent: this, dependsOn: [permission, ...ready] });

    this.functionName = functionName;
    this.registerOutputs({ functionName });
  }
}

/** The environment that rotation-fn reads; what is omitted has a default there. */
function apiKeyEnvironment(args: ApiKeyRotationArgs): Record<string, pulumi.Input<string>> {
  return {
    API_ALLOWED_HOST: args.allowedHost,
    API_KEY_SECRET_ARN: args.secretArn,
    API_SET_KEY_REQUEST: args.setKeyRequest,
    API_TEST_KEY_REQUEST: args.testKeyRequest,
    ...(args.keyField !== undefined && { API_KEY_FIELD: args.keyField }),
    ...(args.keyHeader !== undefined && { API_KEY_HEADER: args.keyHeader }),
    ...(args.keySource !== undefined && { API_KEY_SOURCE: args.keySource }),
  };
}
