import type { Input, Resource } from "@pulumi/pulumi";
import { databaseSecretsVariable } from "../../contract/database-secrets";
import { type Credentials, formatCredentials } from "./credential";
import type { Destinations } from "../network/traffic";
import type { SuperuserSecret } from "../policies";
import type { FunctionSettings } from "./lambda-function";

export type { DatabaseStrategyName as RotationStrategy } from "../../contract/database-secrets";

/** Whose function rotates: this project's, or AWS's. */
export type RotationImplementation = "custom" | "aws-provided";

/** What the two functions that log in to the database have in common. */
export interface CredentialFunctionArgs extends FunctionSettings {
  readonly region: string;
  readonly keyArn: Input<string>;
  /** The first one is the service's own. */
  readonly credentials: Credentials;
  readonly superuserSecret: SuperuserSecret | undefined;
  readonly rotationImplementation: RotationImplementation;
  /** The NOLOGIN role that owns the schema, and that users with access "owner" run as. */
  readonly ownerRole: string;
  readonly destinations: Destinations;
  /** What the first invocation waits for: a database that answers, the endpoints, roles and a first credential. */
  readonly invokedAfter: readonly Resource[];
}

/** Since Node 20 Lambda no longer trusts RDS's certificate authorities by default; this file of the runtime holds them. */
const amazonCertificates = "/var/runtime/ca-cert.pem";

/** The environment that rotation-fn reads. */
export function credentialEnvironment({
  credentials,
  superuserSecret,
  ownerRole,
}: CredentialFunctionArgs): Record<string, Input<string>> {
  return {
    [databaseSecretsVariable]: formatCredentials(credentials),
    ...(superuserSecret === undefined ? {} : { SUPERUSER_SECRET_ARN: superuserSecret.secretArn }),
    OWNER_ROLE: ownerRole,
    PGSSLROOTCERT: amazonCertificates,
  };
}
