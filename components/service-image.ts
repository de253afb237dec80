import { Image, Repository } from "./awsx";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface ServiceImageArgs {
  /** The Docker build context: the repository's root. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  /** Files and folders of the context that go into the image. */
  readonly sources: readonly string[];
  readonly keyArn: pulumi.Input<string>;
  readonly deletionProtection: boolean;
}

const imagesToKeep = 20;

/**
 * The service's image, built on the machine that runs Pulumi and pushed to a repository of its own. The tag is the hash
 * of the sources: a deployment follows a changed source and nothing else, and a tag never changes its meaning.
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
        imageTagMutability: "IMMUTABLE",
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: args.keyArn }],
        lifecyclePolicy: { rules: [{ tagStatus: "any", maximumNumberOfImages: imagesToKeep }] },
        forceDelete: !args.deletionProtection,
      },
      { parent: this },
    );
    const image = new Image(
      name,
      {
        repositoryUrl: repository.url,
        context: args.context,
        dockerfile: join(args.context, args.dockerfile),
        platform: "linux/arm64",
        imageTag: hashFiles(args.context, args.sources),
      },
      { parent: this },
    );

    this.imageUri = image.imageUri;
    this.repositoryArn = repository.repository.arn;
    this.lifecyclePolicy = repository.lifecyclePolicy;
    this.registerOutputs({ imageUri: this.imageUri, repositoryArn: this.repositoryArn });
  }
}

/** The ARN of a private ECR repository, from an image's name; undefined for an image of any other registry. */
export function ecrRepositoryArn(image: string): string | undefined {
  const [, account, region, repository] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)/.exec(image) ?? [];
  return account && region && repository && `arn:aws:ecr:${region}:${account}:repository/${repository}`;
}

/**
 * Hashes names and contents: the same on every machine, whatever the order on disk, the dates or the permissions.
 *
 * @param sources files or folders below `root`, with / between; one that does not exist counts as empty
 * @returns SHA-256 in hex
 */
export function hashFiles(root: string, sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of sources.flatMap((source) => listFiles(root, source)).sort()) {
    const contents = readFileSync(join(root, file));
    hash.update(`${file}\0${contents.length}\0`).update(contents);
  }
  return hash.digest("hex");
}

function listFiles(root: string, path: string): string[] {
  const fullPath = join(root, path);
  if (!existsSync(fullPath)) return [];
  if (!statSync(fullPath).isDirectory()) return [path];
  return readdirSync(fullPath).flatMap((entry) => listFiles(root, `${path}/${entry}`));
}
