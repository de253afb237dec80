import * as secretsmanager from "@pulumi/aws/secretsmanager";
import * as pulumi from "@pulumi/pulumi";
import type { Credential, CredentialSettings } from "../rotation/credential";
import { secretPolicy } from "../policies/resource-policies";

export interface DatabaseSecretArgs {
  /** People and applications look the secret up by this name. */
  readonly secretName: string;
  /** What it is for, as in "PostgreSQL credential of the todo service". */
  readonly description: string;
  readonly keyArn: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  /** Days during which a deleted secret can be restored; 0 deletes immediately and frees the name. */
  readonly recoveryWindowInDays: number;
  readonly deletionProtection: boolean;
}

/**
 * A user's credential: a name, a key, a policy, and no value.
 *
 * No version of it is a Pulumi resource, on purpose. After two rotations AWS drops the version that the state
 * remembers; the next `pulumi up` would create it again and make the old password the current one.
 */
export class DatabaseSecret extends pulumi.ComponentResource {
  readonly secretArn: pulumi.Output<string>;

  constructor(name: string, args: DatabaseSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:DatabaseSecret", name, {}, opts);

    const secret = new secretsmanager.Secret(
      name,
      {
        name: args.secretName,
        description: `${args.description}, rotated by Secrets Manager`,
        kmsKeyId: args.keyArn,
        recoveryWindowInDays: args.recoveryWindowInDays,
      },
      { parent: this, protect: args.deletionProtection },
    );
    const policy = new secretsmanager.SecretPolicy(
      name,
      {
        secretArn: secret.arn,
        policy: pulumi.jsonStringify(secretPolicy(secret.arn, args.accountId)),
        blockPublicPolicy: true,
      },
      { parent: this },
    );

    // Anything that writes or reads a value waits for the policy.
    this.secretArn = policy.secretArn;
    this.registerOutputs({ secretArn: this.secretArn });
  }
}

export interface UserSecret {
  readonly secret: DatabaseSecret;
  readonly credential: Credential;
}

/** One secret for each user; the service's own user is the first. */
export function databaseSecrets(
  name: string,
  {
    users: [own, ...others],
    ...args
  }: Omit<DatabaseSecretArgs, "secretName" | "description"> & {
    readonly users: readonly [CredentialSettings, ...CredentialSettings[]];
  },
): readonly [UserSecret, ...UserSecret[]] {
  const make = (user: CredentialSettings, resourceName: string, owner: string): UserSecret => {
    const description = `PostgreSQL credential of ${owner}`;
    const secret = new DatabaseSecret(resourceName, { ...args, secretName: user.secretName, description });
    return { secret, credential: { ...user, secretArn: secret.secretArn } };
  };
  const makeOther = (user: CredentialSettings) => make(user, `${user.username}-${name}`, `user ${user.username}`);
  return [make(own, name, "the todo service"), ...others.map(makeOther)];
}
