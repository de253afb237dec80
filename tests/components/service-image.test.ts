import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ecrRepositoryArn, hashFiles, ServiceImage } from "../../components/service-image";
import { register } from "../support/mocks";

const sources = ["app", "package.json", "absent"];
let context: string;

beforeEach(() => {
  context = mkdtempSync(join(tmpdir(), "service-image-"));
  mkdirSync(join(context, "app/public"), { recursive: true });
  writeFileSync(join(context, "app/public/index.html"), "<p>hello</p>");
  writeFileSync(join(context, "package.json"), "{}");
});
afterEach(() => {
  rmSync(context, { recursive: true });
});

const build = () =>
  register(() => {
    const args = { context, dockerfile: "app/Dockerfile", sources, keyArn: "key-arn", deletionProtection: true };
    return new ServiceImage("todo", args).imageUri;
  });

describe("ServiceImage", () => {
  it("is built for arm64, under the hash of its sources as the tag", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf("awsx:ecr:Image"), {
      repositoryUrl: "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo",
      context,
      dockerfile: join(context, "app/Dockerfile"),
      platform: "linux/arm64",
      imageTag: hashFiles(context, sources),
    });
  });

  it("is kept in an encrypted repository that scans it and never moves a tag", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf("awsx:ecr:Repository"), {
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: "key-arn" }],
      lifecyclePolicy: { rules: [{ tagStatus: "any", maximumNumberOfImages: 20 }] },
      forceDelete: false,
    });
  });
});

describe("hashFiles", () => {
  it("changes with a file's content, its name, and a file that is new", () => {
    const hashes = [hashFiles(context, sources)];
    writeFileSync(join(context, "app/public/index.html"), "<p>changed</p>");
    hashes.push(hashFiles(context, sources));
    writeFileSync(join(context, "app/server.ts"), "");
    hashes.push(hashFiles(context, sources));
    rmSync(join(context, "app/server.ts"));
    writeFileSync(join(context, "app/other.ts"), "");
    hashes.push(hashFiles(context, sources));
    assert.equal(new Set(hashes).size, 4);
  });

  it("stays with the same files, in whatever order they are named, and with others beside them", () => {
    const hash = hashFiles(context, sources);
    writeFileSync(join(context, "notes.txt"), "not part of the image");
    assert.equal(hashFiles(context, [...sources].reverse()), hash);
  });
});

describe("ecrRepositoryArn", () => {
  it("names the repository of a private ECR image", () => {
    const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/todo:v1";
    assert.equal(ecrRepositoryArn(image), "arn:aws:ecr:eu-west-1:123456789012:repository/team/todo");
  });

  it("names none for an image of another registry", () => {
    assert.equal(ecrRepositoryArn("public.ecr.aws/nginx/nginx:1.29"), undefined);
  });
});
