import assert from "node:assert/strict";
import { fargateCpuUnits, fargateMemoryMib, isEcrImage, isFloating, parseImage } from "../../config/service";

const digest = `sha256:${"0".repeat(64)}`;
const ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

describe("parseImage", () => {
  for (const [image, registry, tag, digestOfImage] of [
    ["nginx", undefined, undefined, undefined],
    ["library/nginx:1.29", undefined, "1.29", undefined],
    ["localhost:5000/todo:v1", "localhost:5000", "v1", undefined],
    [`${ecr}/team/todo@${digest}`, ecr, undefined, digest],
    [`ghcr.io/team/todo:v1@${digest}`, "ghcr.io", "v1", digest],
  ] as const) {
    it(`parses ${image}`, () => {
      assert.deepEqual(parseImage(image), { registry, tag, digest: digestOfImage });
    });
  }

  for (const image of ["", "UPPER", "todo:", "todo@sha256:123", "todo image", "https://ghcr.io/todo"]) {
    it(`does not parse ${JSON.stringify(image)} as an image`, () => {
      assert.equal(parseImage(image), undefined);
    });
  }

  it("calls latest and a missing tag floating, a tag or a digest fixed", () => {
    const floating = ["nginx", "nginx:latest", "nginx:1.29", `nginx:latest@${digest}`].map((image) => {
      const reference = parseImage(image);
      assert(reference);
      return isFloating(reference);
    });
    assert.deepEqual(floating, [true, true, false, false]);
  });

  it("distinguishes an ECR image in the region from one in another region or registry", () => {
    const isOfRegion = [`${ecr}/todo`, `${ecr.replace("us-east-1", "eu-west-1")}/todo`, "ghcr.io/todo"].map((image) => {
      const reference = parseImage(image);
      assert(reference);
      return isEcrImage(reference, "us-east-1");
    });
    assert.deepEqual(isOfRegion, [true, false, false]);
  });
});

describe("fargateMemoryMib", () => {
  it("has Fargate's sizes", () => {
    assert.deepEqual(fargateMemoryMib(256), [512, 1024, 2048]);
    assert.deepEqual(fargateMemoryMib(512), [1024, 2048, 3072, 4096]);
    assert.deepEqual(
      fargateMemoryMib(16384),
      [32768, 40960, 49152, 57344, 65536, 73728, 81920, 90112, 98304, 106496, 114688, 122880],
    );
    assert.equal(fargateCpuUnits.length, 7);
  });

  it("returns none for a CPU size that Fargate lacks", () => {
    assert.deepEqual(fargateMemoryMib(300), []);
  });
});
