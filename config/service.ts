const imagePattern =
  /^(?:(?<registry>[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?|localhost(?::\d+)?)\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$/;

/** The parts of a container image's name: `registry/repository:tag@digest`. */
type ImageReference = NonNullable<ReturnType<typeof parseImage>>;

/** Undefined when `image` is not the name of a container image. */
export function parseImage(image: string) {
  const match = imagePattern.exec(image);
  if (match === null) return undefined;
  return { registry: match.groups?.registry, tag: match.groups?.tag, digest: match.groups?.digest };
}

/** Whether two pulls of the image may get different images without anyone deciding so. */
export function isFloating({ tag, digest }: ImageReference): boolean {
  return digest === undefined && (tag === undefined || tag === "latest");
}

/** A private repository of this region: what the ECR endpoints reach. */
export function isEcrImage({ registry }: ImageReference, region: string): boolean {
  return new RegExp(`^\\d{12}\\.dkr\\.ecr\\.${region}\\.amazonaws\\.com$`).test(registry ?? "");
}

/** CPU units → MiB from, to and step: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
const fargateSizes: ReadonlyMap<number, readonly [min: number, max: number, step: number]> = new Map([
  [256, [512, 2048, 512]],
  [512, [1024, 4096, 1024]],
  [1024, [2048, 8192, 1024]],
  [2048, [4096, 16384, 1024]],
  [4096, [8192, 30720, 1024]],
  [8192, [16384, 61440, 4096]],
  [16384, [32768, 122880, 8192]],
]);

export const fargateCpuUnits: readonly number[] = [...fargateSizes.keys()];

/** The memory sizes that Fargate offers with this much CPU, in MiB. */
export function fargateMemoryMib(cpuUnits: number): readonly number[] {
  const [min, max, step] = fargateSizes.get(cpuUnits) ?? [0, -1, 1];
  const sizes = [];
  // 0.25 vCPU has no size of 1536 MiB: only 512, 1024 and 2048.
  for (let size = min; size <= max; size += step) if (!(cpuUnits === 256 && size === 1536)) sizes.push(size);
  return sizes;
}
