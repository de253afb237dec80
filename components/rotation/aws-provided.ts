import * as ec2 from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as lambda from "@pulumi/aws/lambda";
import * as serverlessrepository from "@pulumi/aws/serverlessrepository";
import * as pulumi from "@pulumi/pulumi";
import type { RotationStrategy } from "./credential";
import { findDatabaseStatements, policy, type SuperuserSecret } from "../policies";
import { allowDestinations, clientSecurityGroupIds, type Destinations } from "../network/traffic";

export interface AwsProvidedRotationArgs {
  readonly engine: DatabaseEngine;
  readonly rotationStrategy: RotationStrategy;
  /** Semantic version of the application; each engine's applications have their own. */
  readonly applicationVersion: string;
  /** The function's name in AWS: at most 64 characters. */
  readonly functionName: string;
  readonly region: string;
  readonly keyArn: pulumi.Input<string>;
  /**
   * Needed for alternating users. A secret that RDS manages holds no host: the function asks the RDS API for it, which
   * its destinations must then include.
   */
  readonly superuserSecret: SuperuserSecret | undefined;
  readonly clusterArn: pulumi.Input<string>;
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: pulumi.Input<string[]>;
  /** Nothing else can be reached. */
  readonly destinations: Destinations;
}

/** Engine → its spelling in the applications' names. */
const engines = { postgresql: "PostgreSQL", mysql: "MySQL", mariadb: "MariaDB" } as const;
const strategies = { "single-user": "SingleUser", "alternating-users": "MultiUser" } as const;

export type DatabaseEngine = keyof typeof engines;

/** AWS's account, and the one region that applications are published in. */
const publisher = "arn:aws:serverlessrepo:us-east-1:297356227824";

/**
 * The ARN of AWS's application for an engine and a strategy.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_available-rotation-templates.html
 *
 * @throws Error if there is none for the engine or the strategy
 */
export function rotationApplicationArn(engine: DatabaseEngine, strategy: RotationStrategy): string {
  const pick = <T extends string>(field: string, names: Readonly<Record<T, string>>, key: T): string => {
    if (Object.hasOwn(names, key)) return names[key];
    throw new Error(`${field}: received "${key}", accepted is ${Object.keys(names).join(", ")}`);
  };
  const name = `RDS${pick("engine", engines, engine)}Rotation${pick("rotationStrategy", strategies, strategy)}`;
  return `${publisher}:applications/SecretsManager${name}`;
}

/** What a URL, a shell or a connection string would have to escape. This project's own function also avoids it. */
const excludeCharacters = " %+`#$&*()|[]{}:;<>?!'/@\"\\=,^";

/**
 * AWS's own rotation function, from the Serverless Application Repository, instead of this project's. The application
 * creates the function, its role and the permission for Secrets Manager to invoke it.
 */
export class AwsProvidedRotation extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  readonly functionArn: pulumi.Output<string>;
  /** What must exist before the function can do its work: depend on it before invoking. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: AwsProvidedRotationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:AwsProvidedRotation", name, {}, opts);

    const securityGroup = new ec2.SecurityGroup(
      name,
      { description: "AWS's rotation function", vpcId: args.vpcId },
      { parent: this },
    );
    const { destinations } = args;
    const rules = allowDestinations(name, { from: securityGroup.id, who: name, destinations }, { parent: this });
    const application = new serverlessrepository.CloudFormationStack(
      name,
      {
        applicationId: rotationApplicationArn(args.engine, args.rotationStrategy),
        semanticVersion: args.applicationVersion,
        capabilities: ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
        parameters: applicationParameters(args, [securityGroup.id, ...clientSecurityGroupIds(destinations)]),
      },
      { parent: this },
    );

    this.functionArn = application.outputs.apply(({ RotationLambdaARN: arn }) => {
      if (arn === undefined) throw new Error("AWS's rotation application has no output RotationLambdaARN");
      return arn;
    });
    this.functionName = application.parameters.apply((parameters) => parameters.functionName ?? "");
    this.ready = [application, ...rules, ...this.#allowFindingDatabase(name, args)];
    this.registerOutputs({ functionName: this.functionName, functionArn: this.functionArn });
  }

  /**
   * The application's own role may not ask RDS where the database is:
   * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
   */
  #allowFindingDatabase(name: string, { superuserSecret, clusterArn }: AwsProvidedRotationArgs): pulumi.Resource[] {
    if (superuserSecret === undefined) return [];
    const lastPart = (arn: string): string => arn.split(/[:/]/).at(-1) ?? "";
    // Taken from the ARN, which is known only once there is a function to look up.
    const { role } = lambda.getFunctionOutput({ functionName: this.functionArn.apply(lastPart) }, { parent: this });
    const rolePolicy = new iam.RolePolicy(
      name,
      {
        role: role.apply(lastPart),
        policy: pulumi.jsonStringify(policy(...findDatabaseStatements(superuserSecret, clusterArn))),
      },
      { parent: this },
    );
    return [rolePolicy];
  }
}

/** @throws Error for alternating users without a superuser */
function applicationParameters(
  args: AwsProvidedRotationArgs,
  securityGroupIds: pulumi.Input<string>[],
): Record<string, pulumi.Input<string>> {
  const { superuserSecret, rotationStrategy, keyArn } = args;
  if ((rotationStrategy === "alternating-users") !== (superuserSecret !== undefined)) {
    const received = superuserSecret === undefined ? "nothing" : "a secret";
    throw new Error(
      `superuserSecret: received ${received}, accepted is a secret with alternating-users, nothing with single-user`,
    );
  }
  return {
    endpoint: `https://secretsmanager.${args.region}.amazonaws.com`, // of Secrets Manager, not of the database
    functionName: args.functionName,
    vpcSubnetIds: pulumi.output(args.subnetIds).apply((ids) => ids.join(",")),
    vpcSecurityGroupIds: pulumi.output(securityGroupIds).apply((ids) => ids.join(",")),
    excludeCharacters,
    kmsKeyArn: keyArn,
    ...(superuserSecret === undefined
      ? {}
      : { masterSecretArn: superuserSecret.secretArn, masterSecretKmsKeyArn: superuserSecret.keyArn }),
  };
}
