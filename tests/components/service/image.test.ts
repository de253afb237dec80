import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ecrRepositoryArn, ServiceImage } from "../../../components/service/image";
import { register } from "../../support/mocks";
import { temporaryFolder } from "../../support/temporary-folder";

const folder = temporaryFolder();

const build = () => {
  folder.write("Dockerfile", "FROM scratch\n");
  folder.write("Dockerfile.dockerignore", "*\n!Dockerfile\n");
  return register(() => {
    const args = { root: folder.path, dockerfile: "Dockerfile", keyArn: "key-arn", deletionProtection: true };
    return new ServiceImage("todo", args).imageUri;
  });
};

describe("ServiceImage", () => {
  it("is built for arm64 from a copy of its sources, tagged with their hash", async () => {
    const { inputsOf } = await build();
    const { imageTag = "", context = "", ...inputs } = inputsOf("awsx:ecr:Image") as Record<string, string>;
    assert.match(imageTag, /^[0-9a-f]{64}$/);
    assert.equal(context, join(folder.path, "dist/build-contexts", imageTag));
    assert.deepEqual(inputs, {
      repositoryUrl: "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo",
      dockerfile: join(context, "Dockerfile"),
      platform: "linux/arm64",
    });
    assert.equal(readFileSync(join(context, "Dockerfile"), "utf8"), "FROM scratch\n");
  });

  it("is kept in an encrypted repository that scans it and allows it to be pushed again", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf("awsx:ecr:Repository"), {
      imageTagMutability: "MUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: "key-arn" }],
      lifecyclePolicy: { rules: [{ tagStatus: "any", maximumNumberOfImages: 20 }] },
      forceDelete: false,
    });
  });
});

describe("ecrRepositoryArn", () => {
  it("returns the repository of a private ECR image, and none for another registry", () => {
    const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/todo:v1";
    assert.equal(ecrRepositoryArn(image), "arn:aws:ecr:eu-west-1:123456789012:repository/team/todo");
    assert.equal(ecrRepositoryArn("public.ecr.aws/nginx/nginx:1.29"), undefined);
  });
});
