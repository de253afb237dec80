import assert from "node:assert/strict";
import { TodoService } from "../../../components/service";
import type { CredentialDelivery } from "../../../components/service/container";
import type { Destinations } from "../../../components/network/traffic";
import { ownVariables } from "../../../config/container";
import { functionArgs } from "../../support/function-args";
import { register } from "../../support/mocks";

const args = {
  ...functionArgs,
  publicSubnetIds: ["subnet-public-1"],
  privateSubnetIds: ["subnet-1", "subnet-2"],
  serviceImage: "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo:v1" as string | undefined,
  credentialDelivery: "runtime" as CredentialDelivery,
  containerPort: 8080,
  healthCheckPath: "/healthz",
  environment: {} as Readonly<Record<string, string>>,
  desiredCount: 2,
  cpuUnits: 512,
  memoryMib: 1024,
  certificateArn: undefined,
  containerInsights: true,
  taskFamily: "todo-rotation-test",
  deletionProtection: false,
  startedAfter: [],
};
const build = (overrides: Partial<Omit<typeof args, "destinations"> & { destinations: Destinations }> = {}) =>
  register(() => new TodoService("todo", { ...args, ...overrides }).url);

interface ServiceInputs {
  readonly taskDefinitionArgs: Record<string, unknown> & { readonly container: Record<string, unknown> };
}
type Built = Awaited<ReturnType<typeof build>>;
const service = ({ inputsOf }: Built) => inputsOf("awsx:ecs:FargateService") as unknown as ServiceInputs;

describe("TodoService", () => {
  it("runs as the image's user without capabilities, on arm64", async () => {
    const { container, runtimePlatform } = service(await build()).taskDefinitionArgs;
    assert.equal(container.user, "1000");
    assert.deepEqual(container.linuxParameters, { capabilities: { drop: ["ALL"] }, initProcessEnabled: true });
    assert.deepEqual(runtimePlatform, { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" });
  });

  it("reads the secret itself by default: the task may, ECS may not", async () => {
    const built = await build();
    assert.deepEqual(built.sids("todo-task"), ["ReadSecret", "DecryptSecret"]);
    assert.deepEqual(built.sids("todo-execution"), ["WriteLogs", "LogInToRegistry", "PullImage"]);
    const { container } = service(built).taskDefinitionArgs;
    assert.equal("secrets" in container, false);
    assert.deepEqual(container.environment, [
      { name: "AWS_REGION", value: "us-east-1" },
      { name: "DATABASE_SECRET_ARN", value: args.secretArn },
      { name: "PORT", value: "8080" },
    ]);
  });

  it("gets the secret from ECS with credentialDelivery environment: ECS may read it, the task may not", async () => {
    const built = await build({ credentialDelivery: "environment" });
    const { container } = service(built).taskDefinitionArgs;
    assert.deepEqual(container.secrets, [{ name: "DATABASE_SECRET", valueFrom: args.secretArn }]);
    // The service refuses to start with both.
    assert.deepEqual(container.environment, [
      { name: "AWS_REGION", value: "us-east-1" },
      { name: "PORT", value: "8080" },
    ]);
    assert.deepEqual(built.sids("todo-execution-secret"), ["ReadSecret", "DecryptSecret"]);
    // The same as with runtime, so that old tasks can still start while the delivery changes.
    assert.deepEqual(built.sids("todo-execution"), ["WriteLogs", "LogInToRegistry", "PullImage"]);
    assert.equal(built.count("aws:iam/rolePolicy:RolePolicy"), 2);
  });

  it("gives another service its port, its health check and its variables", async () => {
    const built = await build({ containerPort: 3000, healthCheckPath: "/up", environment: { LOG_LEVEL: "debug" } });
    const { container } = service(built).taskDefinitionArgs;
    assert.deepEqual(container.portMappings, [{ containerPort: 3000, hostPort: 3000, protocol: "tcp" }]);
    assert.deepEqual((container.environment as object[]).slice(2), [
      { name: "PORT", value: "3000" },
      { name: "LOG_LEVEL", value: "debug" },
    ]);
    const { loadBalancers } = built.inputsOf("awsx:ecs:FargateService") as { loadBalancers: object[] };
    assert.deepEqual(
      loadBalancers.map((one) => ({ ...one, targetGroupArn: "" })),
      [{ targetGroupArn: "", containerName: "todo", containerPort: 3000 }],
    );
    const { defaultTargetGroup } = built.inputsOf("awsx:lb:ApplicationLoadBalancer") as {
      defaultTargetGroup: { port: number; healthCheck: { path: string } };
    };
    assert.equal(defaultTargetGroup.healthCheck.path, "/up");
    assert.equal(defaultTargetGroup.port, 8080, "another one would replace the target group");
    const type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    assert.equal(built.inputsOf(type, "todo-from-load-balancer").fromPort, 3000);
  });

  for (const credentialDelivery of ["runtime", "environment"] as const) {
    it(`sets no variable itself that the configuration allows, with ${credentialDelivery}`, async () => {
      const { container } = service(await build({ credentialDelivery })).taskDefinitionArgs;
      const set = [container.environment, container.secrets ?? []].flat() as { name: string }[];
      assert(set.length > 1);
      assert.deepEqual(
        set.filter(({ name }) => !ownVariables.includes(name)),
        [],
      );
    });
  }

  it("needs no permission to pull an image from a registry other than ECR", async () => {
    const built = await build({ serviceImage: "ghcr.io/team/todo:v1" });
    assert.deepEqual(built.sids("todo-execution"), ["WriteLogs"]);
  });

  it("builds this repository's image when none is given", async () => {
    const built = await build({ serviceImage: undefined });
    const { dockerfile, context } = built.inputsOf("awsx:ecr:Image") as Record<string, string>;
    assert.match(context ?? "", /^dist\/build-contexts\/[0-9a-f]{64}$/, "the same on every machine");
    assert.equal(dockerfile, `${context ?? ""}/todo-app/Dockerfile`);
    assert.match(String(service(built).taskDefinitionArgs.container.image), /\/todo@sha256:[0-9a-f]{64}$/);
  });

  it("rolls back a failed deployment, and never runs with fewer tasks", async () => {
    const { inputsOf } = await build();
    const { deploymentCircuitBreaker, deploymentMinimumHealthyPercent, desiredCount } =
      inputsOf("awsx:ecs:FargateService");
    assert.deepEqual(
      { deploymentCircuitBreaker, deploymentMinimumHealthyPercent, desiredCount },
      {
        deploymentCircuitBreaker: { enable: true, rollback: true },
        deploymentMinimumHealthyPercent: 100,
        desiredCount: 2,
      },
    );
  });

  const theirs = { port: 5432, existingSecurityGroupId: "sg-theirs", clientSecurityGroupId: "sg-clients" };
  for (const [what, database, joined] of [
    ["without a public address", args.destinations.database, []],
    ["in the group that another program's database admits", theirs, ["sg-clients"]],
  ] as const) {
    it(`runs in the private subnets, ${what}`, async () => {
      const { inputsOf } = await build({ destinations: { ...args.destinations, database } });
      assert.deepEqual(inputsOf("awsx:ecs:FargateService").networkConfiguration, {
        subnets: ["subnet-1", "subnet-2"],
        securityGroups: ["sg-todo-tasks", ...joined],
        assignPublicIp: false,
      });
    });
  }

  for (const [what, target] of [
    ["the image layers' prefix list without NAT", { prefixListId: "pl-1" }],
    ["any HTTPS server with NAT", { cidrIpv4: "0.0.0.0/0" }],
  ] as const) {
    it(`can be reached only by the load balancer, and reaches database, endpoints and ${what}`, async () => {
      const imageSource = { ...target, port: 443 };
      const { all } = await build({ destinations: { ...args.destinations, "image-source": imageSource } });
      const rules = all.filter(
        ({ type, inputs }) => type.includes("Rule") && inputs.securityGroupId === "sg-todo-tasks",
      );
      const ends = rules.map(({ type, inputs }) => {
        const { referencedSecurityGroupId, prefixListId, cidrIpv4, fromPort, toPort } = inputs;
        assert.equal(fromPort, toPort);
        const end = referencedSecurityGroupId ?? prefixListId ?? cidrIpv4;
        return [type.includes("Ingress") ? "from" : "to", end, fromPort].join(" ");
      });
      assert.deepEqual(
        ends.sort(),
        [
          "from sg-todo 8080",
          `to ${Object.values(target).join()} 443`,
          "to sg-database 5432",
          "to sg-endpoints 443",
        ].sort(),
      );
    });
  }
});
