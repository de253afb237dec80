import assert from "node:assert/strict";
import { listStacks, readStackConfig, replacePlaceholders } from "../../engine/stack-config";
import { temporaryFolder } from "../support/temporary-folder";

const folder = temporaryFolder();

beforeEach(() => {
  const keys = "size: {type: integer, default: 1}, name: {type: string, default: ''}";
  folder.write("Pulumi.yaml", `{name: app, config: {${keys}}}`);
  folder.write("Pulumi.dev.yaml", "config: {app:size: 2, aws:region: eu-west-1, aws:tags: {a: [1, true]}}");
});

describe("readStackConfig", () => {
  it("uses the stack's values over the defaults, and overrides over both, all as text", () => {
    assert.deepEqual(readStackConfig(folder.path, "dev"), {
      "app:size": "2",
      "app:name": "",
      "aws:region": "eu-west-1",
      "aws:tags": '{"a":[1,true]}',
    });
    const overrides = new Map([
      ["name", "b"],
      ["aws:region", "us-east-1"],
    ]);
    const { "app:name": name, "aws:region": region } = readStackConfig(folder.path, "dev", overrides);
    assert.deepEqual({ name, region }, { name: "b", region: "us-east-1" });
  });

  it("refuses a stack without a file, and names the existing ones", () => {
    assert.deepEqual(listStacks(folder.path), ["dev"]);
    assert.throws(() => readStackConfig(folder.path, "prod"), /environment: received "prod", accepted is dev/);
  });

  it("refuses a key that is declared without a default and not set, as the Pulumi CLI does", () => {
    folder.write("Pulumi.yaml", "{name: app, config: {needed: {type: string}}}");
    assert.throws(() => readStackConfig(folder.path, "dev"), /Stack 'dev' is missing configuration values app:needed/);
  });

  it("refuses an encrypted value, which only the CLI can read", () => {
    folder.write("Pulumi.dev.yaml", "config: {app:name: {secure: AAAB}}");
    assert.throws(() => readStackConfig(folder.path, "dev"), /app:name is encrypted/);
  });
});

describe("replacePlaceholders", () => {
  it("replaces the account of AWS's documentation by the given one, and names the keys", () => {
    const config = { "app:certificate": "arn:aws:acm:us-east-1:111122223333:certificate/1", "app:size": "1" };
    assert.deepEqual(replacePlaceholders(config, "123456789012"), {
      config: { "app:certificate": "arn:aws:acm:us-east-1:123456789012:certificate/1", "app:size": "1" },
      replaced: ["app:certificate"],
    });
  });
});
