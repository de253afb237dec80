import assert from "node:assert/strict";
import { checkState, type StateResource } from "./exported-state";

const service: StateResource = {
  urn: "urn:pulumi:dev::app::aws:ecs/service:Service::web",
  type: "aws:ecs/service:Service",
  custom: true,
  inputs: {
    cluster: "arn",
    taskDefinition: "arn",
    loadBalancers: [{ targetGroupArn: "arn", __defaults: [] }],
    networkConfiguration: { subnets: ["s"], securityGroups: ["g"] },
    __defaults: [],
  },
};
const stack = (outputs: object): StateResource => ({
  ...{ urn: "urn:pulumi:dev::app::pulumi:pulumi:Stack::app-dev", type: "pulumi:pulumi:Stack", custom: false },
  outputs: { ...outputs },
});
const check = (...resources: StateResource[]) => checkState({ deployment: { resources } });

describe("the check of an exported state", () => {
  it("accepts a state in which every value exists", () => {
    assert.deepEqual(check(service, stack({ serviceUrl: "http://web.example.com" })), []);
    assert.deepEqual(checkState({ deployment: {} }), []);
  });

  it("finds a service whose target group is null or absent", () => {
    const inputs = service.inputs ?? {};
    const broken = (loadBalancers: unknown) => check({ ...service, inputs: { ...inputs, loadBalancers } });
    assert.deepEqual(broken([{ targetGroupArn: null }]), [
      "aws:ecs/service:Service web: loadBalancers.0.targetGroupArn is null",
    ]);
    assert.deepEqual(broken([{ containerPort: 1 }]), [
      "aws:ecs/service:Service web: loadBalancers.0.targetGroupArn is undefined",
    ]);
  });

  it("finds an output that is not an address", () => {
    const findings = check(stack({ serviceUrl: "http://undefined" }));
    assert.deepEqual(findings, ['pulumi:pulumi:Stack app-dev: serviceUrl contains "undefined"']);
  });

  it("finds a credential in an input or an output, and does not repeat it", () => {
    const password = "example-password-1";
    const findings = check({ ...service, outputs: { masterPassword: password, url: `postgres://u:${password}@h` } });
    assert.deepEqual(findings, [
      "aws:ecs/service:Service web: outputs.masterPassword looks like a credential",
      "aws:ecs/service:Service web: outputs.url looks like a credential",
    ]);
  });

  it("finds a state that is too large, for example because of code in it", () => {
    const outputs = { code: "x".repeat(800_000) };
    const [finding = "", ...others] = check({ ...service, outputs });
    assert.match(finding, /^the state has 800\d\d\d bytes, accepted is at most 800000$/);
    assert.deepEqual(others, []);
  });
});
