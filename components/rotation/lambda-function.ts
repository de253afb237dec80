import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { writeBundle } from "../../bundle";
import {
  assumeRolePolicy,
  denyNetworkInterfaces,
  policy,
  traceStatement,
  writeLogsStatement,
  type Statement,
} from "../policies";
import { allowDestinations, clientSecurityGroupIds, type Destinations } from "../network/traffic";
import type { LogSettings } from "../settings";

/** What every function of a stack with a VPC shares. */
export interface FunctionSettings extends LogSettings {
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<string[]>;
}

/** Where a function's connections come from. */
interface InVpc extends Pick<FunctionSettings, "vpcId" | "subnetIds"> {
  /** Nothing else can be reached. */
  readonly destinations: Destinations;
}

interface FunctionCode extends LogSettings {
  readonly description: string;
  /** An export of rotation-fn/index.ts. */
  readonly entryPoint: string;
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the function's code may do, beyond writing logs and traces. */
  readonly statements: readonly Statement[];
}

/** Without a VPC the function is in Lambda's own network: the internet and AWS's public endpoints. */
type LambdaFunctionArgs = FunctionCode & (InVpc | { readonly vpcId?: undefined });

/** 45 s to connect while the database resumes, twice, and room for the work. */
export const functionTimeoutSeconds = 120;
const memoryMib = 256;

/** A function of rotation-fn, inside or outside a VPC. This program bundles it, so what is deployed is never stale. */
export class LambdaFunction extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  readonly functionArn: pulumi.Output<string>;
  /** SHA-256 of the code, in hex. */
  readonly codeHash: pulumi.Output<string>;
  /** What must exist before the function can do its work: depend on it before invoking. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: LambdaFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:LambdaFunction", name, {}, opts);
    const child = { parent: this };

    const role = new iam.Role(
      name,
      { assumeRolePolicy: pulumi.jsonStringify(assumeRolePolicy("lambda.amazonaws.com")) },
      child,
    );
    const logGroup = new cloudwatch.LogGroup(
      name,
      { name: `${args.logGroupPrefix}${name}`, retentionInDays: args.logRetentionDays },
      child,
    );
    const network = args.vpcId === undefined ? undefined : this.#network(name, args, role.name);
    const lambdaFunction = new lambda.Function(
      name,
      {
        description: args.description,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: `index.${args.entryPoint}`,
        code: new pulumi.asset.AssetArchive({
          // A file, not its text: the state then holds path and hash instead of half a megabyte for each function.
          "index.mjs": new pulumi.asset.FileAsset(rotationFunction().path),
        }),
        role: role.arn,
        timeout: functionTimeoutSeconds,
        memorySize: memoryMib,
        environment: { variables: args.environment },
        loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
        tracingConfig: { mode: "Active" },
        ...network?.settings,
      },
      { ...child, dependsOn: network?.neededByFunction ?? [] },
    );
    const rolePolicy = new iam.RolePolicy(
      name,
      {
        role: role.name,
        policy: pulumi.jsonStringify(
          policy(
            ...args.statements,
            traceStatement,
            network ? denyNetworkInterfaces(lambdaFunction.arn) : writeLogsStatement(logGroup.arn),
          ),
        ),
      },
      child,
    );

    this.functionName = lambdaFunction.name;
    this.functionArn = lambdaFunction.arn;
    this.codeHash = rotationFunction().hash;
    this.ready = [lambdaFunction, rolePolicy, ...(network?.rules ?? [])];
    this.registerOutputs({ functionName: this.functionName, functionArn: this.functionArn });
  }

  #network(name: string, args: FunctionCode & InVpc, roleName: pulumi.Input<string>) {
    const child = { parent: this };
    // This also lets the function log.
    const vpcAccess = new iam.RolePolicyAttachment(
      name,
      { role: roleName, policyArn: iam.ManagedPolicy.AWSLambdaVPCAccessExecutionRole },
      child,
    );
    const securityGroup = new ec2.SecurityGroup(name, { description: args.description, vpcId: args.vpcId }, child);
    const { destinations } = args;
    const rules = allowDestinations(name, { from: securityGroup.id, who: name, destinations }, child);
    const settings = {
      vpcConfig: {
        subnetIds: args.subnetIds,
        securityGroupIds: [securityGroup.id, ...clientSecurityGroupIds(destinations)],
      },
      // Lambda keeps a deleted function's network interfaces for 20 minutes or more. Moved to the VPC's default group,
      // they no longer hold up the deletion of this one.
      replaceSecurityGroupsOnDestroy: true,
    };
    return { settings, rules, neededByFunction: [vpcAccess] };
  }
}

let built: { readonly path: Promise<string>; readonly hash: pulumi.Output<string> } | undefined;

/** The bundle, built once for all of a program's functions, in parallel with the program's own work. */
function rotationFunction(): NonNullable<typeof built> {
  if (built === undefined) {
    const writing = writeBundle("rotation-fn");
    built = {
      // Relative to the folder that Pulumi runs the program in, so that the state holds no path of this machine.
      path: writing.then(({ outputFile }) => relative("", join(__dirname, "../..", outputFile))),
      hash: pulumi.output(writing.then(({ contents }) => createHash("sha256").update(contents).digest("hex"))),
    };
  }
  return built;
}
