import {
  specialArchiveSig,
  specialAssetSig,
  specialSecretSig,
  specialSigKey,
  unknownValue,
} from "@pulumi/pulumi/runtime/rpc";

/** One resource that the program registered. */
export interface Resource {
  /** urn:pulumi:<stack>::<project>::<types from the outermost parent on>::<name> */
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN; undefined for the stack itself. */
  readonly parent: string | undefined;
  /** Whether a provider manages it; false for a component. */
  readonly custom: boolean;
  readonly protect: boolean;
  /** Pulumi forgets it instead of deleting it. */
  readonly retainOnDelete: boolean;
  /** Secrets are shown as [secret], file contents as [asset: …]. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs of what it waits for. */
  readonly dependencies: readonly string[];
}

export const stackType = "pulumi:pulumi:Stack";

/** A property value in a form that people may see. */
export function toReadable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toReadable);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  switch (object[specialSigKey]) {
    case specialSecretSig:
      return "[secret]";
    case specialAssetSig:
      if (typeof object.path === "string") return `[asset: ${object.path}]`;
      return `[asset: ${Buffer.byteLength(String(object.text))} bytes]`;
    case specialArchiveSig:
      return toReadable(object.assets);
    default:
      return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, toReadable(item)]));
  }
}

/** Paths of the parts that are not known before the resources exist, as in `policy` or `tags.Name`. */
export function findUnknowns(value: unknown, path = ""): string[] {
  if (value === unknownValue) return [path];
  if (typeof value === "string" && value.includes(unknownValue)) return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => findUnknowns(item, path === "" ? key : `${path}.${key}`));
}

/** The resources as a tree, each with type, name and what keeps it, siblings in alphabetical order. */
export function renderTree(resources: readonly Resource[]): string {
  const lines: string[] = [];
  const render = (parent: string | undefined, depth: number): void => {
    const children = resources.filter((resource) => resource.parent === parent);
    for (const child of children.sort((a, b) => compare(`${a.type} ${a.name}`, `${b.type} ${b.name}`))) {
      const marks = [...(child.protect ? ["protected"] : []), ...(child.retainOnDelete ? ["retained"] : [])];
      lines.push(["  ".repeat(depth) + child.type, child.name, ...marks.map((mark) => `(${mark})`)].join("  "));
      render(child.urn, depth + 1);
    }
  };
  render(undefined, 0);
  return lines.join("\n");
}

/** The number of resources of each type, most frequent first. */
export function renderCounts(resources: readonly Resource[]): string {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  const rows = [...counts].sort(([typeA, a], [typeB, b]) => b - a || compare(typeA, typeB));
  return rows.map(([type, count]) => `${String(count).padStart(4)}  ${type}`).join("\n");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
