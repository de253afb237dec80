import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Graph } from "../engine";
import { renderCounts, renderTree, type Resource } from "../engine/graph";
import { findMissingIn } from "../engine/missing-values";
import type { ProgramRun } from "../engine/program";
import { listStacks } from "../engine/stack-config";
import { findCredentials } from "./support/credentials";
import { root, runStack, runWide } from "./support/whole-program";

const stacks = listStacks(root);
const ofType = (resources: readonly Resource[], type: string) => resources.filter((one) => one.type === type);

const urns = ({ resources }: Graph) => resources.map(({ urn }) => urn);
const bootstrapInvocation = /:Invocation database-bootstrap$/;

/** Everything that must exist before a resource, directly or indirectly: its dependencies and parents. */
function waitsFor(resources: readonly Resource[], urn: string, seen = new Set<string>()): Set<string> {
  const { dependencies = [], parent } = resources.find((one) => one.urn === urn) ?? {};
  for (const earlier of parent === undefined ? dependencies : [...dependencies, parent]) {
    if (!seen.has(earlier)) waitsFor(resources, earlier, seen.add(earlier));
  }
  return seen;
}

/** What must exist before what, each as "type name"; of the earlier ones at least so many. */
const orders: readonly (readonly [title: string, later: RegExp, earlier: RegExp, least: number])[] = [
  ["rotates after the bootstrap has created the credential", /:SecretRotation /, bootstrapInvocation, 1],
  ["starts tasks after the bootstrap has created the credential", /:FargateService /, bootstrapInvocation, 1],
  [
    "starts tasks after their security groups and roles allow what they need",
    /:FargateService /,
    /(securityGroup\w+Rule|rolePolicy):\S+ todo-service/,
    9,
  ],
  [
    "creates instances after RDS may monitor them",
    /:ClusterInstance /,
    /:RolePolicyAttachment database-monitoring$/,
    1,
  ],
  ["reads the age of the last rotation after rotation is set up", /:Invocation age-gauge$/, /:SecretRotation /, 1],
  [
    "bootstraps after the database answers and its function has its permissions",
    bootstrapInvocation,
    /:(ClusterInstance|VpcEndpoint|SecretPolicy) |^aws:\S+ database-bootstrap/,
    17,
  ],
];

for (const stack of stacks) {
  describe(`the program of stack ${stack}`, () => {
    let run: ProgramRun;
    let resources: readonly Resource[];

    before(async () => {
      run = await runStack(stack);
      ({ resources } = run);
    });

    it("is what the committed listing shows", () => {
      const { exitCode, log, outputs } = run;
      assert.deepEqual({ exitCode, log }, { exitCode: 0, log: "" });
      const names = Object.keys(outputs).sort().join("\n");
      const tree = renderTree(resources).replace(/[0-9a-f]{64}/, "(hash of the image's sources)");
      const listing = `${tree}\n\n${renderCounts(resources)}\n\n${names}\n`;
      const file = join(root, "tests/graphs", `${stack}.txt`);
      if (process.env.UPDATE_GRAPHS !== undefined) writeFileSync(file, listing);
      assert.equal(listing, readFileSync(file, "utf8"), "intended? UPDATE_GRAPHS=1 npx mocha tests/index.test.ts");
    });

    it("has every value, and registers the same in a preview", async () => {
      const preview = await runStack(stack, {}, "preview");
      assert.deepEqual(findMissingIn({ preview, up: run }), []);
      assert.deepEqual(urns(preview), urns(run));
    });

    it("has every resource inside one of the components, and only these at the top", () => {
      const [top] = ofType(resources, "pulumi:pulumi:Stack");
      const atTop = resources.filter(({ parent }) => parent === top?.urn).map(({ type }) => type);
      assert(atTop.length > 0);
      assert(
        atTop.every((type) => type.startsWith("todo-rotation:components:")),
        atTop.join(),
      );
      assert(resources.every(({ parent, urn }) => parent !== undefined || urn === top?.urn));
    });

    it("holds no credential, in any input or output", () => {
      const inputs = resources.map(({ urn, inputs: properties }) => [urn, properties]);
      assert.deepEqual(findCredentials(Object.fromEntries(inputs)), []);
      assert.deepEqual(findCredentials(run.outputs), []);
    });

    it("registers no version of any secret, which would restore the old password after two rotations", () => {
      assert(resources.every(({ type }) => !type.includes("secretVersion")));
    });

    for (const [title, later, earlier, least] of orders) {
      it(title, () => {
        const waiting = resources.filter((one) => later.test(`${one.type} ${one.name}`));
        assert(waiting.length > 0);
        for (const one of waiting) {
          const needed = resources.filter((other) => other !== one && earlier.test(`${other.type} ${other.name}`));
          assert(needed.length >= least, `${needed.length}`);
          const existing = waitsFor(resources, one.urn);
          assert.deepEqual(
            needed.filter(({ urn }) => !existing.has(urn)).map(({ urn }) => urn),
            [],
          );
        }
      });
    }
  });
}

describe("protection", () => {
  const guardType = "todo-rotation:components:DeletionGuard";
  const images = ["awsx:ecr:Image", "docker-build:index:Image"];

  for (const [title, stack, protectedTypes, retainedTypes] of [
    [
      "prevents deletion of prod's database, secret, key and load balancer, and keeps its key and its images",
      "prod",
      [
        "aws:kms/key:Key",
        "aws:lb/listener:Listener",
        "aws:lb/listener:Listener",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:rds/cluster:Cluster",
        "aws:secretsmanager/secret:Secret",
        "awsx:lb:ApplicationLoadBalancer",
        guardType,
      ],
      ["aws:kms/key:Key", ...images], // the last snapshot needs the key
    ],
    ["allows dev to be destroyed, and keeps its images", "dev", [], images],
  ] as const) {
    it(title, async () => {
      const { resources } = await runStack(stack);
      const types = (kept: "protect" | "retainOnDelete") =>
        resources.filter((one) => one[kept]).map(({ type }) => type);
      assert.deepEqual(types("protect").sort(), protectedTypes);
      assert.deepEqual(types("retainOnDelete").sort(), retainedTypes);
    });
  }

  const variants: readonly Readonly<Record<string, string>>[] = [
    {},
    { credentialDelivery: "environment", rotationImplementation: "aws-provided" },
  ];
  for (const overrides of variants) {
    it(`of prod ${JSON.stringify(overrides)} covers everything: the guard depends on every resource`, async () => {
      const { exitCode, log, resources } = await runStack("prod", overrides);
      assert.equal(exitCode, 0, log);
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

describe("AWS's function instead of this project's", () => {
  const overrides = { rotationImplementation: "aws-provided" };
  const rotationType = "aws:secretsmanager/secretRotation:SecretRotation";
  const names = (these: readonly string[], withoutThose: readonly string[]) =>
    these
      .filter((urn) => !withoutThose.includes(urn))
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
    const [before, after] = [await runStack("dev"), await runStack("dev", overrides)];
    const functionName = "todo-rotation-dev-single-user";
    assert.deepEqual(
      ofType(after.resources, rotationType).map(({ urn, inputs }) => [urn, inputs.rotationLambdaArn]),
      ofType(before.resources, rotationType).map(({ urn }) => [
        urn,
        `arn:aws:lambda:us-east-1:123456789012:function:${functionName}`,
      ]),
    );
    assert.equal(after.outputs.rotationFunctionName, functionName);
  });

  for (const [strategy, variant, count] of [
    ["single-user", overrides, 6],
    ["alternating-users", { ...overrides, rotationStrategy: "alternating-users" }, 7],
  ] as const) {
    it(`has every value with ${strategy}, registers the same in a preview, and waits for everything it needs`, async () => {
      const [preview, up] = [await runStack("dev", variant, "preview"), await runStack("dev", variant)];
      assert.deepEqual([up.exitCode, up.log], [0, ""]);
      assert.deepEqual(findMissingIn({ preview, up }), []);
      assert.deepEqual(urns(preview), urns(up));
      const [rotation] = ofType(up.resources, rotationType);
      assert(rotation);
      const earlier = waitsFor(up.resources, rotation.urn);
      const own = up.resources.filter(({ urn, custom }) => custom && urn.includes("AwsProvidedRotation$"));
      assert.equal(own.length, count);
      assert(own.every(({ urn }) => earlier.has(urn)));
      const invocation = up.resources.find(({ type, name }) =>
        `${type} ${name}`.endsWith(":Invocation database-bootstrap"),
      );
      assert(invocation && earlier.has(invocation.urn));
    });
  }

  it("has no alarms or graphs for metrics that only this project's function publishes", async () => {
    const { resources } = await runStack("dev", overrides);
    const [dashboard] = ofType(resources, "aws:cloudwatch/dashboard:Dashboard");
    const shown = JSON.stringify([dashboard, ofType(resources, "aws:cloudwatch/metricAlarm:MetricAlarm")]);
    assert.doesNotMatch(shown, /StepDuration|RotationSucceeded|"RotationFailed"|function-duration/);
    assert.match(shown, /DaysSinceLastRotation.*rotation-function-errors/);
  });
});

describe("outputs", () => {
  it("are AWS's nouns", async () => {
    const { outputs } = await runStack("prod");
    assert.equal(outputs.serviceUrl, "https://todo-service-1.us-east-1.elb.amazonaws.com");
    assert.match(String(outputs.databaseSecretArn), /:secret:todo-rotation\/prod\/database\/todo-/);
    assert.match(String(outputs.targetGroupArn), /^arn:aws:elasticloadbalancing:.*:targetgroup\/todo-service/);
    assert.equal(outputs.rotationFunctionName, "credential-rotation");
  });
});

describe("a variant with NAT, a custom image and an injected credential", () => {
  it("needs one endpoint, no repository, and gives ECS the secret's location", async () => {
    const { exitCode, log, resources } = await runWide();
    assert.equal(exitCode, 0, log);
    const endpoints = ofType(resources, "aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs.serviceName);
    assert.deepEqual(endpoints, ["com.amazonaws.us-east-1.secretsmanager"]);
    assert.deepEqual(ofType(resources, "awsx:ecr:Repository"), []);
    const [service] = ofType(resources, "awsx:ecs:FargateService");
    assert.match(JSON.stringify(service?.inputs), /"name":"DATABASE_SECRET","valueFrom":"arn:aws:secretsmanager/);
  });
});
