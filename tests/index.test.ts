import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { awsMetrics } from "../components/observability/metrics";
import { metricNamespace, metrics } from "../contract/metrics";
import type { Graph } from "../engine";
import { renderCounts, renderTree, type Resource } from "../engine/graph";
import { findMissingIn } from "../engine/missing-values";
import { listStacks } from "../engine/stack-config";
import { findCredentials } from "./support/credentials";
import { root, runStack } from "./support/whole-program";

const stacks = listStacks(root);
const ofType = (resources: readonly Resource[], type: string) => resources.filter((one) => one.type === type);

/** Everything that must exist before a resource, directly or indirectly: its dependencies and parents. */
function waitsFor(resources: readonly Resource[], urn: string, seen = new Set<string>()): Set<string> {
  const { dependencies = [], parent } = resources.find((one) => one.urn === urn) ?? {};
  for (const earlier of parent === undefined ? dependencies : [...dependencies, parent]) {
    if (!seen.has(earlier)) waitsFor(resources, earlier, seen.add(earlier));
  }
  return seen;
}

function bootstrapInvocation(resources: readonly Resource[]): Resource {
  const invocation = ofType(resources, "aws:lambda/invocation:Invocation").find(
    ({ name }) => name === "database-bootstrap",
  );
  assert(invocation);
  return invocation;
}

/** Names of the dimensions, sorted. */
function publishedDimensions(namespace: string | undefined, metricName: string | undefined): string[] {
  const ofNamespace: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    ...awsMetrics,
    [metricNamespace]: Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric.dimensions])),
  };
  const dimensions = ofNamespace[namespace ?? ""]?.[metricName ?? ""];
  assert(dimensions, `${namespace ?? ""} ${metricName ?? ""} is not published`);
  return [...dimensions].sort();
}

for (const stack of stacks) {
  describe(`the program of stack ${stack}`, () => {
    it("is what the committed listing shows", async () => {
      const { exitCode, log, resources, outputs } = await runStack(stack);
      assert.deepEqual({ exitCode, log }, { exitCode: 0, log: "" });
      const names = Object.keys(outputs).sort().join("\n");
      const tree = renderTree(resources).replace(/[0-9a-f]{64}/, "(hash of the image's sources)");
      const listing = `${tree}\n\n${renderCounts(resources)}\n\n${names}\n`;
      const file = join(root, "tests/graphs", `${stack}.txt`);
      if (process.env.UPDATE_GRAPHS !== undefined) writeFileSync(file, listing);
      assert.equal(listing, readFileSync(file, "utf8"), "intended? UPDATE_GRAPHS=1 npx mocha tests/index.test.ts");
    });

    it("has every value, and registers the same in a preview", async () => {
      const [preview, up] = [await runStack(stack, {}, "preview"), await runStack(stack)];
      assert.deepEqual(findMissingIn({ preview, up }), []);
      const urns = ({ resources }: Graph) => resources.map(({ urn }) => urn);
      assert.deepEqual(urns(preview), urns(up));
    });

    it("has every resource inside one of the components, and only these at the top", async () => {
      const { resources } = await runStack(stack);
      const [root] = ofType(resources, "pulumi:pulumi:Stack");
      const atTop = resources.filter(({ parent }) => parent === root?.urn).map(({ type }) => type);
      assert(atTop.length > 0);
      assert(
        atTop.every((type) => type.startsWith("todo-rotation:components:")),
        atTop.join(),
      );
      assert(resources.every(({ parent, urn }) => parent !== undefined || urn === root?.urn));
    });

    it("holds no credential, in any input or output", async () => {
      const { resources, outputs } = await runStack(stack);
      const inputs = resources.map(({ urn, inputs: properties }) => [urn, properties]);
      assert.deepEqual(findCredentials(Object.fromEntries(inputs)), []);
      assert.deepEqual(findCredentials(outputs), []);
    });

    it("registers no version of any secret", async () => {
      const { resources } = await runStack(stack);
      assert(resources.every(({ type }) => !type.includes("secretVersion")));
    });

    it("rotates, and starts tasks, after the bootstrap has created the credential", async () => {
      const { resources } = await runStack(stack);
      const invocation = bootstrapInvocation(resources);
      for (const type of ["aws:secretsmanager/secretRotation:SecretRotation", "awsx:ecs:FargateService"]) {
        const [later] = ofType(resources, type);
        assert(later && waitsFor(resources, later.urn).has(invocation.urn), type);
      }
    });

    it("starts tasks after their security groups and roles allow what they need", async () => {
      const { resources } = await runStack(stack);
      const [service] = ofType(resources, "awsx:ecs:FargateService");
      assert(service);
      const earlier = waitsFor(resources, service.urn);
      const needed = resources.filter(
        ({ type, name }) => /securityGroup\w+Rule|rolePolicy:/.test(type) && name.startsWith("todo-service"),
      );
      assert(needed.length > 8, `${needed.length}`);
      assert.deepEqual(
        needed.filter(({ urn }) => !earlier.has(urn)).map(({ urn }) => urn),
        [],
      );
    });

    it("creates instances after RDS may monitor them", async () => {
      const { resources } = await runStack(stack);
      const [attachment] = ofType(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").filter(
        ({ name }) => name === "database-monitoring",
      );
      const instances = ofType(resources, "aws:rds/clusterInstance:ClusterInstance");
      assert(attachment && instances.length > 0);
      for (const { urn } of instances) assert(waitsFor(resources, urn).has(attachment.urn), urn);
    });

    it("reads the age of the last rotation after rotation is set up", async () => {
      const { resources } = await runStack(stack);
      const [gauge] = ofType(resources, "aws:lambda/invocation:Invocation").filter(({ name }) => name === "age-gauge");
      const [rotation] = ofType(resources, "aws:secretsmanager/secretRotation:SecretRotation");
      assert(gauge && rotation && waitsFor(resources, gauge.urn).has(rotation.urn));
    });

    it("bootstraps after the database answers and its function has its permissions", async () => {
      const { resources } = await runStack(stack);
      const invocation = bootstrapInvocation(resources);
      const earlier = waitsFor(resources, invocation.urn);
      const isEarlier = (one: Resource) => earlier.has(one.urn);
      assert(ofType(resources, "aws:rds/clusterInstance:ClusterInstance").every(isEarlier));
      assert(ofType(resources, "aws:ec2/vpcEndpoint:VpcEndpoint").every(isEarlier));
      assert(ofType(resources, "aws:secretsmanager/secretPolicy:SecretPolicy").every(isEarlier));
      const own = resources.filter(({ name }) => name.startsWith("database-bootstrap"));
      const awsOwn = own.filter(({ custom, urn }) => custom && urn !== invocation.urn);
      assert(awsOwn.length >= 10);
      assert.deepEqual(
        awsOwn.filter((one) => !isEarlier(one)).map(({ type }) => type),
        [],
      );
    });
  });
}

describe("protection", () => {
  const guardType = "todo-rotation:components:DeletionGuard";

  it("prevents deletion of prod's database, secret, key and load balancer", async () => {
    const { resources } = await runStack("prod");
    const isProtected = resources.filter((one) => one.protect).map(({ type }) => type);
    assert.deepEqual(isProtected.sort(), [
      "aws:kms/key:Key",
      "aws:lb/listener:Listener",
      "aws:lb/listener:Listener",
      "aws:lb/loadBalancer:LoadBalancer",
      "aws:lb/targetGroup:TargetGroup",
      "aws:rds/cluster:Cluster",
      "aws:secretsmanager/secret:Secret",
      "awsx:lb:ApplicationLoadBalancer",
      guardType,
    ]);
  });

  for (const [stack, overrides] of [
    ["prod", {}],
    ["prod", { credentialDelivery: "environment" }],
  ] as const) {
    it(`of ${stack} ${JSON.stringify(overrides)} covers everything: the guard depends on every resource`, async () => {
      const { resources } = await runStack(stack, overrides);
      const [guard] = ofType(resources, guardType);
      assert(guard?.protect);
      const kept = waitsFor(resources, guard.urn);
      const lost = resources.filter(({ custom, protect, urn }) => custom && !protect && !kept.has(urn));
      assert.deepEqual(
        lost.map(({ urn }) => urn),
        [],
      );
    });
  }

  it("keeps prod's key after the last snapshot, and every image after the next one", async () => {
    const retained = async (stack: string) => {
      const { resources } = await runStack(stack);
      return resources.filter((one) => one.retainOnDelete).map(({ type }) => type);
    };
    const images = ["awsx:ecr:Image", "docker-build:index:Image"];
    assert.deepEqual((await retained("prod")).sort(), ["aws:kms/key:Key", ...images]);
    assert.deepEqual((await retained("dev")).sort(), images);
  });

  it("allows dev to be destroyed", async () => {
    const { resources } = await runStack("dev");
    assert.deepEqual(
      resources.filter((one) => one.protect),
      [],
    );
  });
});

describe("the superuser's secret", () => {
  /** Names of the resources with inputs that name it. */
  const seers = async (stack: string): Promise<string[]> => {
    const { resources, outputs } = await runStack(stack);
    const sees = ({ inputs }: Resource) => JSON.stringify(inputs).includes(String(outputs.masterUserSecretArn));
    return resources.filter(sees).map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`);
  };
  const bootstrap = [
    "VpcEndpoint endpoints-secretsmanager",
    "Function database-bootstrap",
    "RolePolicy database-bootstrap",
  ];

  it("is visible only to the bootstrap if a single user rotates", async () => {
    assert.deepEqual((await seers("dev")).sort(), bootstrap.sort());
  });

  it("is also visible to the rotation if users alternate", async () => {
    const rotation = ["Function credential-rotation", "RolePolicy credential-rotation"];
    assert.deepEqual((await seers("prod")).sort(), [...bootstrap, ...rotation].sort());
  });
});

describe("alarms", () => {
  for (const stack of stacks) {
    it(`of ${stack} watch metrics with all of their dimensions, each with a value`, async () => {
      const { resources } = await runStack(stack);
      const alarms = ofType(resources, "aws:cloudwatch/metricAlarm:MetricAlarm");
      assert(alarms.length > 10);
      for (const { name, inputs } of alarms) {
        const { namespace, metricName, dimensions } = inputs as Record<string, string> & { dimensions: object };
        assert.deepEqual(Object.keys(dimensions).sort(), publishedDimensions(namespace, metricName), name);
        for (const value of Object.values(dimensions)) assert.match(String(value), /^[\w:/.-]+$/, name);
      }
    });
  }
});

describe("AWS's function instead of this project's", () => {
  const overrides = { rotationImplementation: "aws-provided" };
  const rotationType = "aws:secretsmanager/secretRotation:SecretRotation";
  const urns = ({ resources }: Graph) => new Set(resources.map(({ urn }) => urn));
  const names = (these: Set<string>, withoutThose: Set<string>) =>
    [...these]
      .filter((urn) => !withoutThose.has(urn))
      .map((urn) => urn.replace(/^.*::.*[$:]([\w/]+:\w+)::/, "$1 "))
      .sort();

  it("replaces its function, with the resources that belong to it, and nothing else of the stack", async () => {
    const [custom, awsProvided] = [urns(await runStack("dev")), urns(await runStack("dev", overrides))];
    const rules = ["Egress", "Ingress"].flatMap((direction) =>
      ["database", "endpoints"].map(
        (to) => `vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule credential-rotation-to-${to}`,
      ),
    );
    assert.deepEqual(names(awsProvided, custom), [
      "components:AwsProvidedRotation credential-rotation",
      "ec2/securityGroup:SecurityGroup credential-rotation",
      "serverlessrepository/cloudFormationStack:CloudFormationStack credential-rotation",
      ...rules,
    ]);
    assert.deepEqual(names(custom, awsProvided), [
      "cloudwatch/logGroup:LogGroup credential-rotation",
      "cloudwatch/metricAlarm:MetricAlarm rotation-function-duration",
      "components:LambdaFunction credential-rotation",
      "ec2/securityGroup:SecurityGroup credential-rotation",
      "iam/role:Role credential-rotation",
      "iam/rolePolicy:RolePolicy credential-rotation",
      "iam/rolePolicyAttachment:RolePolicyAttachment credential-rotation",
      "lambda/function:Function credential-rotation",
      "lambda/permission:Permission credential-rotation",
      ...rules,
    ]);
  });

  it("rotates through the same resource as this project's function: an update in place", async () => {
    const [before, after] = [await runStack("dev"), await runStack("dev", overrides)].map(({ resources }) =>
      ofType(resources, rotationType),
    );
    assert.deepEqual(
      after?.map(({ urn, inputs }) => [urn, inputs.rotationLambdaArn]),
      before?.map(({ urn }) => [urn, "arn:aws:lambda:us-east-1:123456789012:function:todo-rotation-dev-single-user"]),
    );
    const { outputs } = await runStack("dev", overrides);
    assert.equal(outputs.rotationFunctionName, "todo-rotation-dev-single-user");
  });

  for (const rotationStrategy of ["single-user", "alternating-users"]) {
    it(`has every value with ${rotationStrategy}, registers the same in a preview, and waits for everything it needs`, async () => {
      const variant = { ...overrides, rotationStrategy };
      const [preview, up] = [await runStack("dev", variant, "preview"), await runStack("dev", variant)];
      assert.deepEqual([up.exitCode, up.log], [0, ""]);
      assert.deepEqual(findMissingIn({ preview, up }), []);
      assert.deepEqual(urns(preview), urns(up));
      const [rotation] = ofType(up.resources, rotationType);
      assert(rotation);
      const earlier = waitsFor(up.resources, rotation.urn);
      const own = up.resources.filter(({ urn, custom }) => custom && urn.includes("AwsProvidedRotation$"));
      assert.equal(own.length, rotationStrategy === "single-user" ? 6 : 7);
      assert(own.every(({ urn }) => earlier.has(urn)));
      assert(earlier.has(bootstrapInvocation(up.resources).urn));
    });
  }

  it("is also protected by the guard in a protected stack", async () => {
    const { resources } = await runStack("prod", overrides);
    const [guard] = ofType(resources, "todo-rotation:components:DeletionGuard");
    const [application] = ofType(resources, "aws:serverlessrepository/cloudFormationStack:CloudFormationStack");
    assert(guard && application && waitsFor(resources, guard.urn).has(application.urn));
  });

  it("has no alarms or graphs for metrics that only this project's function publishes", async () => {
    const { resources } = await runStack("dev", overrides);
    const [dashboard] = ofType(resources, "aws:cloudwatch/dashboard:Dashboard");
    const shown = JSON.stringify([dashboard, ofType(resources, "aws:cloudwatch/metricAlarm:MetricAlarm")]);
    assert.doesNotMatch(shown, /StepDuration|RotationSucceeded|"RotationFailed"|function-duration/);
    assert.match(shown, /DaysSinceLastRotation.*rotation-function-errors/);
  });
});

describe("outputs", () => {
  it("are AWS's nouns, each known", async () => {
    const { outputs } = await runStack("prod");
    assert.equal(outputs.serviceUrl, "https://todo-service-1.us-east-1.elb.amazonaws.com");
    assert.match(String(outputs.databaseSecretArn), /:secret:todo-rotation\/prod\/database\/todo-/);
    assert.match(String(outputs.targetGroupArn), /^arn:aws:elasticloadbalancing:.*:targetgroup\/todo-service/);
    assert.equal(outputs.rotationFunctionName, "credential-rotation");
    assert(Object.values(outputs).every((value) => value !== undefined && value !== ""));
  });
});

describe("a variant with NAT, a custom image and an injected credential", () => {
  const overrides = {
    egress: "single-nat",
    serviceImage: "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo:v1",
    credentialDelivery: "environment",
    rotationStrategy: "alternating-users",
    availabilityZoneCount: "3",
  };

  it("needs one endpoint, no repository, and gives ECS the secret's location", async () => {
    const { exitCode, log, resources } = await runStack("dev", overrides);
    assert.equal(exitCode, 0, log);
    const endpoints = ofType(resources, "aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs.serviceName);
    assert.deepEqual(endpoints, ["com.amazonaws.us-east-1.secretsmanager"]);
    assert.deepEqual(ofType(resources, "awsx:ecr:Repository"), []);
    const [service] = ofType(resources, "awsx:ecs:FargateService");
    assert.match(JSON.stringify(service?.inputs), /"name":"DATABASE_SECRET","valueFrom":"arn:aws:secretsmanager/);
  });
});

describe("a refused configuration", () => {
  it("reports all findings, before anything is registered", async () => {
    const { exitCode, log, resources } = await runStack("dev", {
      rotationScheduleExpression: "rate(1 hour)",
      availabilityZoneCount: "1",
    });
    assert.notEqual(exitCode, 0);
    assert.match(log, /availabilityZoneCount: received "1"/);
    assert.match(log, /rotationScheduleExpression: received "rate\(1 hour\)"/);
    assert.deepEqual(
      resources.map(({ type }) => type),
      ["pulumi:pulumi:Stack"],
    );
  });
});
