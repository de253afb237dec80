import assert from "node:assert/strict";
import { LoadBalancer } from "../../../components/service/load-balancer";
import { register } from "../../support/mocks";

const certificateArn = "arn:aws:acm:us-east-1:123456789012:certificate/1";
const args = {
  vpcId: "vpc-1",
  subnetIds: ["subnet-1", "subnet-2"],
  healthCheckPath: "/healthz",
  certificateArn: undefined as string | undefined,
  deletionProtection: true,
};
const type = "awsx:lb:ApplicationLoadBalancer";
const build = (overrides: Partial<typeof args> = {}) =>
  register(() => new LoadBalancer("web", { ...args, ...overrides }).url);

describe("LoadBalancer", () => {
  it("answers on HTTP without a certificate", async () => {
    const { inputsOf, result } = await build();
    assert.deepEqual(inputsOf(type).listeners, [{ port: 80, protocol: "HTTP" }]);
    assert.match(result, /^http:\/\//);
  });

  it("answers on HTTPS with one, and redirects HTTP", async () => {
    const { inputsOf, result } = await build({ certificateArn });
    assert.deepEqual(inputsOf(type).listeners, [
      {
        port: 80,
        protocol: "HTTP",
        defaultActions: [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }],
      },
      { port: 443, protocol: "HTTPS", certificateArn, sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" },
    ]);
    assert.match(result, /^https:\/\//);
  });

  it("admits the internet only on the ports that it listens on", async () => {
    const ports = [];
    for (const certificate of [undefined, certificateArn]) {
      const { all } = await build({ certificateArn: certificate });
      const rules = all.filter(({ type: ruleType }) => ruleType.includes("securityGroupIngressRule"));
      ports.push(rules.map(({ inputs }) => [inputs.cidrIpv4, inputs.fromPort, inputs.toPort]));
    }
    assert.deepEqual(ports, [
      [["0.0.0.0/0", 80, 80]],
      [
        ["0.0.0.0/0", 80, 80],
        ["0.0.0.0/0", 443, 443],
      ],
    ]);
  });

  it("has its own security group, because awsx's admits every protocol", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf(type).securityGroups, ["sg-web"]);
  });

  it("checks /healthz of the targets, drops malformed headers and is protected", async () => {
    const { inputsOf } = await build();
    const { defaultTargetGroup, ...inputs } = inputsOf(type);
    const { healthCheck, vpcId } = defaultTargetGroup as { healthCheck: { path: string }; vpcId: string };
    assert.deepEqual([healthCheck.path, vpcId], ["/healthz", "vpc-1"]);
    assert.equal(inputs.dropInvalidHeaderFields, true);
    assert.equal(inputs.enableDeletionProtection, true);
  });
});
