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
  for (const [what, certificate, url, ports, listeners] of [
    ["answers on HTTP without a certificate", undefined, /^http:/, [80], [{ port: 80, protocol: "HTTP" }]],
    [
      "answers on HTTPS with one, and redirects HTTP",
      certificateArn,
      /^https:/,
      [80, 443],
      [
        {
          port: 80,
          protocol: "HTTP",
          defaultActions: [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }],
        },
        { port: 443, protocol: "HTTPS", certificateArn, sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" },
      ],
    ],
  ] as const) {
    it(`${what}, and admits the internet only there`, async () => {
      const { all, inputsOf, result } = await build({ certificateArn: certificate });
      assert.deepEqual(inputsOf(type).listeners, listeners);
      assert.match(result, url);
      const rules = all.filter(({ type: ruleType }) => ruleType.includes("securityGroupIngressRule"));
      assert.deepEqual(
        rules.map(({ inputs }) => [inputs.cidrIpv4, inputs.fromPort, inputs.toPort]),
        ports.map((port) => ["0.0.0.0/0", port, port]),
      );
    });
  }

  it("has its own security group, because awsx's admits every protocol, and checks /healthz of the targets", async () => {
    const { securityGroups, defaultTargetGroup } = (await build()).inputsOf(type);
    assert.deepEqual(securityGroups, ["sg-web"]);
    const { healthCheck, vpcId } = defaultTargetGroup as { healthCheck: { path: string }; vpcId: string };
    assert.deepEqual([healthCheck.path, vpcId], ["/healthz", "vpc-1"]);
  });
});
