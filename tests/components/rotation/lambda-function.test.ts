import type * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../../bundle";
import { LambdaFunction } from "../../../components/rotation/lambda-function";
import { functionArgs } from "../../support/function-args";
import { register } from "../../support/mocks";
import { root } from "../../support/whole-program";

const args = {
  ...functionArgs,
  description: "Does something",
  entryPoint: "something",
  environment: { SOME_VARIABLE: "value" },
  statements: [{ Sid: "Own", Effect: "Allow" as const, Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/key" }],
};
const build = () => register(() => new LambdaFunction("something", args).functionArn);

describe("LambdaFunction", () => {
  it("runs an entry point of the bundle on arm64, in the VPC, traced, with its own log group", async () => {
    const { inputsOf } = await build();
    const inputs = inputsOf("aws:lambda/function:Function");
    assert.deepEqual(inputs, {
      description: "Does something",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.something",
      role: "arn:aws:iam::123456789012:role/something",
      timeout: 120,
      memorySize: 256,
      environment: { variables: { SOME_VARIABLE: "value" } },
      loggingConfig: { logFormat: "JSON", logGroup: "/todo-rotation/test/something" },
      tracingConfig: { mode: "Active" },
      vpcConfig: { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-something"] },
      replaceSecurityGroupsOnDestroy: true,
      code: inputs.code, // the next test checks it
    });
  });

  it("deploys the current bundle as index.mjs", async () => {
    const { inputsOf } = await build();
    const { assets } = inputsOf("aws:lambda/function:Function").code as pulumi.asset.AssetArchive;
    const files = (await assets) as Record<string, pulumi.asset.FileAsset>;
    assert.deepEqual(Object.keys(files), ["index.mjs"]);
    const path = await files["index.mjs"]?.path;
    assert.equal(path, "dist/rotation-fn/index.mjs", "relative, so that it is the same on every machine");
    assert(readFileSync(join(root, path)).equals(await bundle("rotation-fn")));
  });

  it("may do what it is given, write traces, and nothing with network interfaces", async () => {
    const { sids, inputsOf } = await build();
    assert.deepEqual(sids(), ["Own", "WriteTraces", "DenyNetworkInterfacesToCode"]);
    const { policyArn } = inputsOf("aws:iam/rolePolicyAttachment:RolePolicyAttachment");
    assert.equal(policyArn, "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole");
  });

  it("reaches its destinations and nothing else, and cannot be reached", async () => {
    const { all } = await build();
    const reach = (type: string) =>
      all
        .filter((registration) => registration.type === `aws:vpc/${type}`)
        .map(({ inputs }) => [inputs.securityGroupId, inputs.referencedSecurityGroupId, inputs.fromPort, inputs.toPort])
        .sort();
    assert.deepEqual(reach("securityGroupEgressRule:SecurityGroupEgressRule"), [
      ["sg-something", "sg-database", 5432, 5432],
      ["sg-something", "sg-endpoints", 443, 443],
    ]);
    assert.deepEqual(reach("securityGroupIngressRule:SecurityGroupIngressRule"), [
      ["sg-database", "sg-something", 5432, 5432],
      ["sg-endpoints", "sg-something", 443, 443],
    ]);
    const group = all.find(({ type }) => type === "aws:ec2/securityGroup:SecurityGroup");
    assert.deepEqual([group?.inputs.ingress, group?.inputs.egress], [undefined, undefined]);
  });
});
