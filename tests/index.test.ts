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

/** Everything that must exist before a resource, directly or not: what it depends on, and its parents. */
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

    it("misses no value, and registers the same in a preview", async () => {
      const [preview, up] = [await runStack(stack, {}, "preview"), await runStack(stack)];
      assert.deepEqual(findMissingIn({ preview, up }), []);
      const urns = ({ resources }: Graph) => resources.map(({ urn }) => urn);
      assert.deepEqual(urns(preview), urns(up));
    });

    it("has every resource inside one of the components, and those at the top", async () => {
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

    it("rotates, and starts tasks, when the bootstrap has made the credential", async () => {
      const { resources } = await runStack(stack);
      const invocation = bootstrapInvocation(resources);
      for (const type of ["aws:secretsmanager/secretRotation:SecretRotation", "awsx:ecs:FargateService"]) {
        const [later] = ofType(resources, type);
        assert(later && waitsFor(resources, later.urn).has(invocation.urn), type);
      }
    });

    it("starts tasks when their security groups let through what they need, and their roles may do it", async () => {
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

    it("makes instances when RDS may monitor them", async () => {
      const { resources } = await runStack(stack);
      const [attachment] = ofType(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").filter(
        ({ name }) => name === "database-monitoring",
      );
      const instances = ofType(resources, "aws:rds/clusterInstance:ClusterInstance");
      assert(attachment && instances.length > 0);
      for (const { urn } of instances) assert(waitsFor(resources, urn).has(attachment.urn), urn);
    });

    it("reads the age of the last rotation when rotation is set up", async () => {
      const { resources } = await runStack(stack);
      const [gauge] = ofType(resources, "aws:lambda/invocation:Invocation").filter(({ name }) => name === "age-gauge");
      const [rotation] = ofType(resources, "aws:secretsmanager/secretRotation:SecretRotation");
      assert(gauge && rotation && waitsFor(resources, gauge.urn).has(rotation.urn));
    });

    it("bootstraps when the database answers and its function may do what it has to", async () => {
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

  it("keeps prod's database, secret, key and load balancer from deletion", async () => {
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
    it(`of ${stack} ${JSON.stringify(overrides)} keeps everything: the guard depends on every resource`, async () => {
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

  it("lets prod's key outlive the last snapshot, and every image the next one", async () => {
    const retained = async (stack: string) => {
      const { resources } = await runStack(stack);
      return resources.filter((one) => one.retainOnDelete).map(({ type }) => type);
    };
    const images = ["awsx:ecr:Image", "docker-build:index:Image"];
    assert.deepEqual((await retained("prod")).sort(), ["aws:kms/key:Key", ...images]);
    assert.deepEqual((await retained("dev")).sort(), images);
  });

  it("leaves dev destroyable", async () => {
    const { resources } = await runStack("dev");
    assert.deepEqual(
      resources.filter((one) => one.protect),
      [],
    );
  });
});

describe("the superuser's secret", () => {
  /** Names of the resources whose inputs name it. */
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

  it("is seen by the bootstrap alone where a single user rotates", async () => {
    assert.deepEqual((await seers("dev")).sort(), bootstrap.sort());
  });

  it("is seen by the rotation as well where users alternate", async () => {
    const rotation = ["Function credential-rotation", "RolePolicy credential-rotation"];
    assert.deepEqual((await seers("prod")).sort(), [...bootstrap, ...rotation].sort());
  });
});

describe("alarms", () => {
  for (const stack of stacks) {
    it(`of ${stack} watch metrics under all of their dimensions, each with a value`, async () => {
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

describe("AWS's function in place of this project's", () => {
  const overrides = { rotationImplementation: "aws-provided" };
  const rotationType = "aws:secretsmanager/secretRotation:SecretRotation";
  const urns = ({ resources }: Graph) => new Set(resources.map(({ urn }) => urn));
  const names = (these: Set<string>, withoutThose: Set<string>) =>
    [...these]
      .filter((urn) => !withoutThose.has(urn))
      .map((urn) => urn.replace(/^.*::.*[$:]([\w/]+:\w+)::/, "$1 "))
      .sort();

  it("replaces its function, with what belongs to that, and no other resource of the stack", async () => {
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

  it("is what rotates, by the very resource that this project's function did: an update in place", async () => {
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
    it(`misses no value with ${rotationStrategy}, registers the same in a preview, and waits for all it needs`, async () => {
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

  it("of a protected stack is kept by the guard as well", async () => {
    const { resources } = await runStack("prod", overrides);
    const [guard] = ofType(resources, "todo-rotation:components:DeletionGuard");
    const [application] = ofType(resources, "aws:serverlessrepository/cloudFormationStack:CloudFormationStack");
    assert(guard && application && waitsFor(resources, guard.urn).has(application.urn));
  });

  it("has no alarm and no graph of what only this project's function publishes", async () => {
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

describe("a variant with NAT, an image of one's own and an injected credential", () => {
  const overrides = {
    egress: "single-nat",
    serviceImage: "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo:v1",
    credentialDelivery: "environment",
    rotationStrategy: "alternating-users",
    availabilityZoneCount: "3",
  };

  it("needs one endpoint, no repository, and tells ECS where the secret is", async () => {
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
  it("is refused with all findings, before anything is registered", async () => {
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
