import * as kms from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { keyPolicy } from "./key-policy";
import type { Place } from "./resource-policies";

export interface EncryptionKeyArgs extends Place {
  /** Name without the prefix "alias/". */
  readonly alias: string;
  /** Keeps the key from deletion, and a deleted one restorable for 30 days instead of 7. */
  readonly deletionProtection: boolean;
}

/** The stack's customer-managed key: database, secrets, images, alarms and trail. AWS changes its material every year. */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:EncryptionKey", name, {}, opts);

    const key = new kms.Key(
      name,
      {
        description: `Data of ${args.alias}`,
        enableKeyRotation: true,
        deletionWindowInDays: args.deletionProtection ? 30 : 7,
        policy: pulumi.jsonStringify(keyPolicy(args)),
      },
      { parent: this, protect: args.deletionProtection },
    );
    new kms.Alias(name, { name: `alias/${args.alias}`, targetKeyId: key.keyId }, { parent: this });

    this.keyArn = key.arn;
    this.registerOutputs({ keyArn: this.keyArn });
  }
}
