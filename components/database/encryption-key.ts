import * as kms from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { keyPolicy } from "../policies/key-policy";
import type { Place } from "../settings";

export interface EncryptionKeyArgs extends Place {
  /** Name without the prefix "alias/". */
  readonly alias: string;
  readonly deletionProtection: boolean;
  /** Days during which the secret encrypted with the key can be restored. */
  readonly recoveryWindowInDays: number;
  /** The database leaves behind a snapshot encrypted with the key. */
  readonly finalSnapshot: boolean;
}

const shortestDeletionWindowInDays = 7; // KMS's minimum

/** The stack's customer-managed key for database, secrets, images, alarms and trail. AWS rotates its material yearly. */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:EncryptionKey", name, {}, opts);

    const key = new kms.Key(
      name,
      {
        description: `Data of ${args.alias}`,
        enableKeyRotation: true,
        deletionWindowInDays: Math.max(shortestDeletionWindowInDays, args.recoveryWindowInDays),
        policy: pulumi.jsonStringify(keyPolicy(args)),
      },
      // The key outlives what it encrypts: a snapshot without it cannot be restored.
      { parent: this, protect: args.deletionProtection, retainOnDelete: args.finalSnapshot },
    );
    new kms.Alias(name, { name: `alias/${args.alias}`, targetKeyId: key.keyId }, { parent: this });

    this.keyArn = key.arn;
    this.registerOutputs({ keyArn: this.keyArn });
  }
}
