import { type Input, output, type Output, type Resource } from "@pulumi/pulumi";
import {
  type DatabaseSecretEntry,
  databaseSecretsVariable,
  formatDatabaseSecrets,
} from "../../contract/database-secrets";
import type { Destinations } from "../network/traffic";
import type { SuperuserSecret } from "../policies";
import type { FunctionSettings } from "./lambda-function";
import type { RotationScheduleArgs } from "./schedule";

export type { DatabaseStrategyName as RotationStrategy } from "../../contract/database-secrets";

/** A user of the database, and the configuration of its password. */
export interface CredentialSettings extends Omit<DatabaseSecretEntry, "secretArn"> {
  readonly rotationRules: RotationScheduleArgs["rotationRules"];
  /** Days since the last rotation after which the next one is overdue. */
  readonly rotationOverdueAfterDays: number;
  readonly secretName: string;
}

/** The service's own credential, and those of additional users. */
export type Credentials = readonly [Credential, ...Credential[]];

/** A user whose secret exists. */
export interface Credential extends CredentialSettings {
  readonly secretArn: Input<string>;
}

/** The variable that passes them to rotation-fn. */
export function formatCredentials(credentials: readonly Credential[]): Output<string> {
  return output(credentials.map(({ secretArn }) => secretArn)).apply((arns) =>
    formatDatabaseSecrets(credentials.map((credential, i) => ({ ...credential, secretArn: arns[i] ?? "" }))),
  );
}

/**
 * Resources for a credential are named after its user. Only those for the service's own, the first one, have the plain
 * name, as they had when it was the only one.
 */
export function forEachCredential<C extends Pick<Credential, "username">, T>(
  credentials: readonly C[],
  make: (credential: C, nameOf: (plain: string) => string) => T,
): T[] {
  return credentials.map((credential, i) =>
    make(credential, (plain) => (i === 0 ? plain : `${credential.username}-${plain}`)),
  );
}

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
