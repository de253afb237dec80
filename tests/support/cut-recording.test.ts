import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import assert from "node:assert/strict";
import { cutRecording } from "./cut-recording";

const urn = (path: string): string => `urn:pulumi:dev::todo-rotation::${path}`;
const stack = urn("pulumi:pulumi:Stack::todo-rotation-dev");
const about = { stack: "dev", config: { desiredCount: "2" }, packages: { "@pulumi/aws": "7.0.0" } };

const state = {
  deployment: {
    resources: [
      { urn: stack, type: "pulumi:pulumi:Stack", custom: false, outputs: { vpcId: "vpc-0123456789abcdef0" } },
      { urn: urn("pulumi:providers:aws::default"), type: "pulumi:providers:aws", custom: true, id: "p" },
      {
        urn: urn("a:b:C$aws:ec2/securityGroup:SecurityGroup::web"),
        type: "aws:ec2/securityGroup:SecurityGroup",
        custom: true,
        parent: stack,
        id: "sg-0123456789abcdef0",
        inputs: { name: "web-0a1b2c3", vpcId: "vpc-1" },
        outputs: { arn: "arn:aws:ec2:::security-group/sg-0123456789abcdef0", name: "web-0a1b2c3", ownerId: "1" },
      },
      {
        urn: urn("a:b:C$aws:secretsmanager/secret:Secret::database"),
        type: "aws:secretsmanager/secret:Secret",
        custom: true,
        parent: stack,
        id: "arn:aws:secretsmanager:us-east-1:123456789012:secret:p/dev/todo-x7Yz12",
        inputs: { name: "p/dev/todo", description: "of web-0a1b2c3" },
        outputs: { arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:p/dev/todo-x7Yz12" },
      },
    ],
  },
};
const preview = {
  steps: [{ newState: { urn: state.deployment.resources[2]?.urn ?? "", inputs: { name: "x", vpcId: unknownValue } } }],
};

describe("a recording", () => {
  it("holds each resource with what is read of it, and nothing that differs in the next run", () => {
    assert.deepEqual(cutRecording(state, preview, about), {
      ...about,
      stackOutputs: ["vpcId"],
      resources: [
        {
          urn: "a:b:C$aws:ec2/securityGroup:SecurityGroup::web",
          parent: "pulumi:pulumi:Stack::todo-rotation-dev",
          autonamed: "name",
          id: "sg-web",
          outputs: { arn: "arn:aws:ec2:::security-group/sg-web" },
          unknownInPreview: ["vpcId"],
        },
        {
          urn: "a:b:C$aws:secretsmanager/secret:Secret::database",
          parent: "pulumi:pulumi:Stack::todo-rotation-dev",
          physicalName: "p/dev/todo",
          id: "arn:aws:secretsmanager:us-east-1:123456789012:secret:p/dev/todo-AbCdEf",
          outputs: { arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:p/dev/todo-AbCdEf" },
        },
        { urn: "pulumi:pulumi:Stack::todo-rotation-dev", outputs: {} },
      ],
    });
  });
});
