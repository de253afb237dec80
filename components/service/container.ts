import type { Input } from "@pulumi/pulumi";
import type { FargateServiceArgs } from "../awsx";

/** A stack's settings for the service's container. */
export interface ContainerSettings {
  /** What the container listens on; passed as PORT. */
  readonly containerPort: number;
  /** Additional environment variables, name → text; no secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly region: string;
  readonly secretArn: Input<string>;
  readonly credentialDelivery: CredentialDelivery;
}

interface ContainerArgs extends ContainerSettings {
  readonly image: Input<string>;
  readonly logGroupName: Input<string>;
}

/** How the credential reaches the service: it reads the secret itself, or ECS puts it into the task's environment. */
export type CredentialDelivery = "runtime" | "environment";

type ContainerDefinition = NonNullable<NonNullable<FargateServiceArgs["taskDefinitionArgs"]>["container"]>;

/** The user "node" of the official images. */
const containerUser = "1000";

/** The service's container: not root, no capability, a read-only file system. */
export function containerDefinition(name: string, args: ContainerArgs): ContainerDefinition {
  const { containerPort, secretArn } = args;
  const isInjected = args.credentialDelivery === "environment";
  return {
    name,
    image: args.image,
    essential: true,
    user: containerUser,
    readonlyRootFilesystem: true,
    privileged: false,
    linuxParameters: { capabilities: { drop: ["ALL"] }, initProcessEnabled: true },
    portMappings: [{ containerPort, hostPort: containerPort, protocol: "tcp" }],
    environment: [
      { name: "AWS_REGION", value: args.region },
      ...(isInjected ? [] : [{ name: "DATABASE_SECRET_ARN", value: secretArn }]),
      { name: "PORT", value: String(containerPort) },
      ...Object.entries(args.environment).map(([variable, value]) => ({ name: variable, value })),
    ],
    ...(isInjected ? { secrets: [{ name: "DATABASE_SECRET", valueFrom: secretArn }] } : {}),
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": args.logGroupName,
        "awslogs-region": args.region,
        "awslogs-stream-prefix": name,
      },
    },
  };
}
