import assert from "node:assert/strict";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { findMissing, findMissingIn } from "../../engine/missing-values";
import type { Properties } from "../../engine/stand-ins";

describe("missing values", () => {
  it("include null, empty values and the text undefined, each with its path", () => {
    const properties = { a: null, b: [{ c: "" }], d: {}, e: [], f: "http://undefined", g: { h: { i: "undefined:1" } } };
    assert.deepEqual(findMissing("test:Type", properties), [
      "a is null",
      "b.0.c is empty",
      "d is empty",
      "e is empty",
      'f contains "undefined"',
      'g.h.i contains "undefined"',
    ]);
  });

  it("exclude false, 0 and words around undefined", () => {
    assert.deepEqual(findMissing("test:Type", { a: false, b: 0, c: "isUndefinedOrNot", d: ["x"] }), []);
    assert.deepEqual(findMissing("test:Type", {}), []);
  });

  it("include a required input that does not exist", () => {
    const service = { cluster: "arn", networkConfiguration: { subnets: ["s"], securityGroups: ["g"] } };
    const taskDefinitionArgs = { container: { image: "i" } };
    assert.deepEqual(
      findMissing("awsx:ecs:FargateService", { ...service, taskDefinitionArgs, loadBalancers: [{ containerPort: 1 }] }),
      ["loadBalancers.0.targetGroupArn is undefined"],
    );
    assert.deepEqual(findMissing("aws:cloudwatch/metricAlarm:MetricAlarm", { alarmActions: ["arn"] }), [
      "dimensions is undefined",
    ]);
  });

  it("exclude the empty filter of a lifecycle rule, and no other", () => {
    const type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
    assert.deepEqual(findMissing(type, { rules: [{ filter: {}, expiration: {} }] }), ["rules.0.expiration is empty"]);
  });

  describe("of a program", () => {
    const graph = (inputs: Properties, outputs: Properties = {}, urn = "urn:pulumi:dev::p::test:Type::one") => ({
      resources: [
        {
          urn,
          type: "test:Type",
          name: "one",
          parent: undefined,
          custom: true,
          protect: false,
          retainOnDelete: false,
          inputs,
          dependencies: [],
        },
      ],
      outputs,
    });

    it("are also the values that a preview does not know and that do not exist afterwards", () => {
      const preview = graph({ a: { b: unknownValue }, c: unknownValue }, { url: unknownValue });
      assert.deepEqual(findMissingIn({ preview, up: graph({ a: {}, c: "known" }) }), [
        "test:Type one: a is empty",
        "test:Type one: a.b comes from an output that does not exist",
        "output url comes from an output that does not exist",
      ]);
      assert.deepEqual(findMissingIn({ preview, up: graph({ a: { b: 1 }, c: "known" }, { url: "http://one" }) }), []);
    });

    it("are not looked for in what awsx creates", () => {
      const urn = "urn:pulumi:dev::p::awsx:ec2:Vpc$aws:ec2/vpc:Vpc::one";
      const inside = graph({ a: null }, {}, urn.replace("awsx:", "test:Parent$awsx:"));
      assert.deepEqual(findMissingIn({ preview: inside, up: inside }), []);
    });
  });
});
