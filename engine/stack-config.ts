import { load } from "js-yaml";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of Pulumi.yaml that running the program needs: https://www.pulumi.com/docs/iac/concepts/projects/project-file/ */
export interface Project {
  readonly name: string;
  readonly runtime: { readonly options: { readonly nodeargs: string; readonly typescript?: boolean } };
  /** Key without namespace → its type and default. */
  readonly config: Readonly<Record<string, ConfigKey>>;
}

export interface ConfigKey {
  readonly type: string;
  readonly description: string;
  readonly default?: unknown;
}

export function readProject(root: string): Project {
  return load(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as Project;
}

/** The names of the stacks that have a Pulumi.<name>.yaml. */
export function listStacks(root: string): string[] {
  return readdirSync(root).flatMap((file) => /^Pulumi\.([\w-]+)\.yaml$/.exec(file)?.[1] ?? []);
}

/**
 * The configuration as the Pulumi CLI passes it to the program, every value as text: `overrides` over the stack's file
 * over the defaults in Pulumi.yaml.
 *
 * @param overrides key with or without namespace → value
 * @throws Error for a stack without a file, an encrypted value, and keys that Pulumi.yaml declares without a default
 */
export function readStackConfig(
  root: string,
  stack: string,
  overrides: ReadonlyMap<string, string> = new Map(),
): Record<string, string> {
  const project = readProject(root);
  const path = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) {
    throw new Error(
      `environment: received "${stack}", accepted is ${listStacks(root).join(", ")} (Pulumi.<name>.yaml)`,
    );
  }
  const withNamespace = (key: string): string => (key.includes(":") ? key : `${project.name}:${key}`);
  const file = load(readFileSync(path, "utf8")) as { config?: Record<string, unknown> };
  const values: Record<string, unknown> = {};
  for (const [key, { default: value }] of Object.entries(project.config)) values[withNamespace(key)] = value;
  for (const [key, value] of Object.entries(file.config ?? {})) values[withNamespace(key)] = value;
  for (const [key, value] of overrides) values[withNamespace(key)] = value;

  const missing = Object.keys(values).filter((key) => values[key] === undefined);
  if (missing.length > 0) throw new Error(`Stack '${stack}' is missing configuration values ${missing.join(", ")}`);
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, toText(key, value)]));
}

const placeholderAccount = ":111122223333:";

/**
 * Replaces placeholders in the configuration, which the program refuses, with an ARN of the in-memory engine's account.
 *
 * @returns the configuration, and the keys that were replaced
 */
export function replacePlaceholders(
  config: Readonly<Record<string, string>>,
  accountId: string,
): { config: Record<string, string>; replaced: string[] } {
  const replaced = Object.keys(config).filter((key) => config[key]?.includes(placeholderAccount));
  const entries = Object.entries(config).map(([key, value]) => [
    key,
    value.replace(placeholderAccount, `:${accountId}:`),
  ]);
  return { config: Object.fromEntries(entries) as Record<string, string>, replaced };
}

function toText(key: string, value: unknown): string {
  if (typeof value === "string") return value;
  const json = JSON.stringify(value);
  if (json.startsWith('{"secure":')) throw new Error(`${key} is encrypted: only the Pulumi CLI can read it`);
  return json;
}
