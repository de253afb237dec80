import { type Input, output, type Output } from "@pulumi/pulumi";
import { type DatabaseSecretEntry, formatDatabaseSecrets } from "../../contract/database-secrets";
import type { RotationScheduleArgs } from "./schedule";

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
