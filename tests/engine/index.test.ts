import assert from "node:assert/strict";
import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { checkTemporaryProgram, checkTemporaryProgramAlone, runTemporaryProgram } from "../support/temporary-program";

describe("engine", () => {
  it("registers a program's resources with URN, parent, protection and inputs", async () => {
    const { exitCode, resources, outputs, findings } = await checkTemporaryProgram(`
      const group = new pulumi.ComponentResource("test:Group", "group", {}, { protect: true });
      const key = new kms.Key("key", { description: "A key" }, { parent: group });
      const alias = new kms.Alias("alias", { name: "alias/a", targetKeyId: key.keyId }, { dependsOn: group });
      exports.keyArn = key.arn;`);
    assert.deepEqual({ exitCode, findings }, { exitCode: 0, findings: [] });
    const stack = "urn:pulumi:dev::temporary::pulumi:pulumi:Stack::temporary-dev";
    const group = "urn:pulumi:dev::temporary::test:Group::group";
    const key = "urn:pulumi:dev::temporary::test:Group$aws:kms/key:Key::key";
    const keyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
    assert.deepEqual(
      resources.map(({ urn, parent, custom, protect, inputs }) => [urn, parent, custom, protect, inputs]),
      [
        [
          "urn:pulumi:dev::temporary::aws:kms/alias:Alias::alias",
          stack,
          true,
          false,
          { name: "alias/a", targetKeyId: keyId },
        ],
        [stack, undefined, false, false, {}],
        [key, group, true, true, { description: "A key" }],
        [group, stack, false, true, {}],
      ],
    );
    const alias = resources.find(({ name }) => name === "alias");
    assert.deepEqual(alias?.dependencies, [key], "depending on a component means depending on its resources");
    assert.deepEqual(outputs, { keyArn: `arn:aws:kms:us-east-1:123456789012:key/${keyId}` });
  });

  it("shows a secret input and values derived from it as [secret], and an archive by the size of its files", async () => {
    const { resources, outputs } = await checkTemporaryProgram(`
      const description = pulumi.secret("example-password-1");
      const key = new kms.Key("key", { description, tags: { nested: [description] } });
      const archive = new pulumi.asset.AssetArchive({ a: new pulumi.asset.StringAsset("four") });
      new kms.Key("archive", { description: archive });
      exports.description = key.description;`);
    const inputsOf = (wanted: string) => resources.find(({ name }) => name === wanted)?.inputs;
    assert.deepEqual(inputsOf("key"), { description: "[secret]", tags: { nested: ["[secret]"] } });
    assert.deepEqual(inputsOf("archive"), { description: { a: "[asset: 4 bytes]" } });
    assert.deepEqual(outputs, { description: "[secret]" });
  });

  it("gives the program the stack's configuration", async () => {
    const program = `exports.size = new pulumi.Config().requireNumber("size");`;
    assert.deepEqual((await checkTemporaryProgram(program, "config: { temporary:size: 7 }")).outputs, { size: 7 });
  });

  for (const [what, program, message] of [
    [
      "two resources with one URN",
      `new kms.Key("key"); new kms.Key("key");`,
      /Duplicate resource URN 'urn:pulumi:dev::temporary::aws:kms\/key:Key::key'/,
    ],
    ["a program that throws", `throw new Error("on purpose");`, /on purpose/],
    [
      "an input that never settles",
      `new kms.Key("key", { description: new Promise(() => {}) });`,
      /"key" \[aws:kms\/key:Key\] was waiting for the value of its input property "description"/,
    ],
    [
      "an unknown type of resource",
      `new pulumi.CustomResource("aws:acmpca/policy:Policy", "policy", {});`,
      /no recording in tests\/recorded has a aws:acmpca\/policy:Policy/,
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { exitCode, log } = await runTemporaryProgram(program);
      assert.notEqual(exitCode, 0);
      assert.match(log, message);
    });
  }

  it("reports an input from an output that is not recorded, instead of passing it on as undefined", async () => {
    const { findings } = await checkTemporaryProgram(`
      const key = new kms.Key("key");
      new kms.Alias("alias", { targetKeyId: key.keyId, name: key.customKeyStoreId });
      exports.other = pulumi.interpolate\`\${key.customKeyStoreId}/\`;`);
    assert.deepEqual(findings, [
      "aws:kms/alias:Alias alias: name comes from an output that does not exist",
      'output other contains "undefined"',
    ]);
  });

  it("knows in a preview only what the program sets and the names that Pulumi generates", async () => {
    const { preview } = await checkTemporaryProgram(`
      const role = new pulumi.CustomResource("aws:iam/role:Role", "role", { path: "/", name: undefined, arn: undefined });
      new pulumi.CustomResource("aws:iam/rolePolicy:RolePolicy", "policy", {
        role: role.name, policy: role.arn, roleId: role.id, name: role.path });`);
    const { inputs } = preview.resources.find(({ name }) => name === "policy") ?? {};
    assert.deepEqual(inputs, { role: "role", name: "/", policy: unknownValue, roleId: unknownValue });
  });

  describe("an awsx component's load balancer", () => {
    const program = `
      const { ApplicationLoadBalancer } = require("@pulumi/awsx/lb");
      const web = new ApplicationLoadBalancer("web", { subnetIds: ["subnet-1"], securityGroups: ["sg-1"] });
      exports.address = pulumi.interpolate\`http://\${web.loadBalancer.dnsName}\`;`;

    it("is a resource in the graph, and for the program if its module is loaded", async () => {
      const { outputs, findings, resources } = await checkTemporaryProgramAlone(
        `require("@pulumi/aws/lb"); ${program}`,
      );
      assert.deepEqual(findings, []);
      assert.deepEqual(outputs, { address: "http://web-1.us-east-1.elb.amazonaws.com" });
      const child = resources.find(({ type }) => type === "aws:lb/loadBalancer:LoadBalancer");
      const component = resources.find(({ type }) => type === "awsx:lb:ApplicationLoadBalancer");
      assert.equal(child?.parent, component?.urn);
    });

    it("is only an id if its module is not loaded, and the engine then reports what is undefined", async () => {
      const { outputs, findings } = await checkTemporaryProgramAlone(program);
      assert.deepEqual(outputs, { address: "http://undefined" });
      assert.deepEqual(findings, ['output address contains "undefined"']);
    });
  });
});
