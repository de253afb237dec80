import type { Input, Resource } from "@pulumi/pulumi";
import type { Destination, FunctionSettings } from "./lambda-function";

export type RotationStrategy = "single-user" | "alternating-users";

/** Whose function rotates: this project's, or AWS's. */
export type RotationImplementation = "custom" | "aws-provided";

/** What the two functions that log in to the database have in common. */
export interface CredentialFunctionArgs extends FunctionSettings {
  readonly region: string;
  readonly keyArn: Input<string>;
  readonly secretArn: Input<string>;
  readonly superuserSecretArn: Input<string> | undefined;
  readonly rotationStrategy: RotationStrategy;
  readonly rotationImplementation: RotationImplementation;
  /** The NOLOGIN role that owns the schema and that the login roles run as. */
  readonly ownerRole: string;
  readonly destinations: Readonly<Record<string, Destination>>;
  /** What the first invocation waits for: a database that answers, the endpoints, roles and a first credential. */
  readonly invokedAfter: readonly Resource[];
}

/** Since Node 20 Lambda no longer trusts the RDS certificate authorities by itself; this file of the runtime holds them. */
const amazonCertificates = "/var/runtime/ca-cert.pem";

/** The environment that rotation-fn reads. */
export function credentialEnvironment({
  secretArn,
  superuserSecretArn,
  rotationStrategy,
  ownerRole,
}: CredentialFunctionArgs): Record<string, Input<string>> {
  return {
    DATABASE_SECRET_ARN: secretArn,
    ...(superuserSecretArn === undefined ? {} : { SUPERUSER_SECRET_ARN: superuserSecretArn }),
    OWNER_ROLE: ownerRole,
    PGSSLROOTCERT: amazonCertificates,
    ROTATION_STRATEGY: rotationStrategy,
  };
}
