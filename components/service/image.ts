import { Image, Repository } from "../awsx";
import * as pulumi from "@pulumi/pulumi";
import { join } from "node:path";
import { copyBuildContext } from "./build-context";

export interface ServiceImageArgs {
  /** The folder that the Dockerfile's paths start from. */
  readonly root: string;
  /** Below the root. The ignore file next to it says what goes in. */
  readonly dockerfile: string;
  readonly keyArn: pulumi.Input<string>;
  readonly deletionProtection: boolean;
}

const imagesToKeep = 20;

/**
 * The service's image, built on the machine that runs Pulumi and pushed to its own repository. The tag is the hash of
 * the image's sources, and tasks name it by its digest: only a changed source causes a deployment.
 */
export class ServiceImage extends pulumi.ComponentResource {
  readonly imageUri: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;
  readonly lifecyclePolicy: pulumi.Output<pulumi.Resource | undefined>;

  constructor(name: string, args: ServiceImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("todo-rotation:components:ServiceImage", name, {}, opts);

    const repository = new Repository(
      name,
      {
        imageTagMutability: "MUTABLE", // docs/decisions.md says why
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: args.keyArn }],
        lifecyclePolicy: { rules: [{ tagStatus: "any", maximumNumberOfImages: imagesToKeep }] },
        forceDelete: !args.deletionProtection,
      },
      { parent: this },
    );
    const { folder, hash } = copyBuildContext(args.root, args.dockerfile, join(args.root, "dist/build-contexts"));
    const image = new Image(
      name,
      {
        repositoryUrl: repository.url,
        context: folder,
        dockerfile: join(folder, args.dockerfile),
        platform: "linux/arm64",
        imageTag: hash,
      },
      // A changed source means another tag, hence another resource. The old image stays until the lifecycle policy
      // removes it: running tasks, and those that a failed deployment rolls back to, start from it.
      { parent: this, retainOnDelete: true },
    );

    this.imageUri = image.imageUri;
    this.repositoryArn = repository.repository.arn;
    this.lifecyclePolicy = repository.lifecyclePolicy;
    this.registerOutputs({ imageUri: this.imageUri, repositoryArn: this.repositoryArn });
  }
}

/** The ARN of a private ECR repository, from an image's name; undefined for an image in any other registry. */
export function ecrRepositoryArn(image: string): string | undefined {
  const [, account, region, repository] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/.exec(image) ?? [];
  return account && region && repository && `arn:aws:ecr:${region}:${account}:repository/${repository}`;
}
