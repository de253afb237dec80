import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listStacks, readStackConfig, replacePlaceholders } from "../../engine/stack-config";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stack-config-"));
  const keys = "size: {type: integer, default: 1}, name: {type: string, default: ''}";
  writeFileSync(join(root, "Pulumi.yaml"), `{name: app, config: {${keys}}}`);
  writeFileSync(
    join(root, "Pulumi.dev.yaml"),
    "config: {app:size: 2, aws:region: eu-west-1, aws:tags: {a: [1, true]}}",
  );
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("readStackConfig", () => {
  it("uses the stack's values over the defaults, and overrides over both, all as text", () => {
    assert.deepEqual(readStackConfig(root, "dev"), {
      "app:size": "2",
      "app:name": "",
      "aws:region": "eu-west-1",
      "aws:tags": '{"a":[1,true]}',
    });
    const overrides = new Map([
      ["name", "b"],
      ["aws:region", "us-east-1"],
    ]);
    const { "app:name": name, "aws:region": region } = readStackConfig(root, "dev", overrides);
    assert.deepEqual({ name, region }, { name: "b", region: "us-east-1" });
  });

  it("refuses a stack without a file, and names the existing ones", () => {
    assert.deepEqual(listStacks(root), ["dev"]);
    assert.throws(() => readStackConfig(root, "prod"), /environment: received "prod", accepted is dev/);
  });

  it("refuses a key that is declared without a default and not set, as the Pulumi CLI does", () => {
    writeFileSync(join(root, "Pulumi.yaml"), "{name: app, config: {needed: {type: string}}}");
    assert.throws(() => readStackConfig(root, "dev"), /Stack 'dev' is missing configuration values app:needed/);
  });

  it("refuses an encrypted value, which only the CLI can read", () => {
    writeFileSync(join(root, "Pulumi.dev.yaml"), "config: {app:name: {secure: AAAB}}");
    assert.throws(() => readStackConfig(root, "dev"), /app:name is encrypted/);
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
