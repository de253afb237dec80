import { unknownValue } from "@pulumi/pulumi/runtime/rpc";
import { typeAndName, type RecordedResource, type Recording } from "../../engine/recording";
import { findUnknowns } from "../../engine/graph";
import type { ExportedState, StateResource } from "./exported-state";

/** The part that is read of what `pulumi preview --json` prints for a stack that does not exist yet. */
export interface NewStackPreview {
  readonly steps: readonly { readonly newState?: { readonly urn: string; readonly inputs?: Properties } }[];
}

type Properties = Readonly<Record<string, unknown>>;

/**
 * The outputs that the program reads from the provider's resources. Add an output here when the program begins to read
 * it.
 */
const outputsRead = [
  "arn",
  "arnSuffix",
  "bucket",
  "clusterIdentifier",
  "dnsName",
  "endpoint",
  "keyId",
  "masterUserSecrets",
  "name",
  "prefixListId",
  "secretArn",
  "url",
];

/** What Pulumi appends to a logical name to form a name in AWS. */
const randomSuffix = "-[0-9a-f]{7}";

/** Random parts that are not a resource's own id or name → their replacement. */
const randomParts: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "1234abcd-12ab-34cd-56ef-1234567890ab"],
  [/(:secret:\S+)-[A-Za-z0-9]{6}$/g, "$1-AbCdEf"],
  [/\.cluster-[a-z0-9]{12}\./g, ".cluster-abcdef123456."],
  [/\/[0-9a-f]{16}$/g, "/0123456789abcdef"],
];

/**
 * Cuts the engine's description of a stack to what is read of it, and replaces what differs in each run.
 *
 * @param state what `pulumi stack export` printed after `up`
 * @param preview what `pulumi preview --json` printed before it
 */
export function cutRecording(
  { deployment: { resources = [] } }: ExportedState,
  preview: NewStackPreview,
  about: Pick<Recording, "stack" | "config" | "packages">,
): Recording {
  const own = resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
  const inPreview = new Map(preview.steps.map(({ newState }) => [newState?.urn, newState?.inputs ?? {}]));
  const replace = replacer(own);
  const recorded = own.map((resource): RecordedResource => {
    const { name } = typeAndName(shortUrn(resource.urn));
    // What awsx passes to its own children does not matter here.
    const inputs = resource.urn.includes("$awsx:") ? {} : (inPreview.get(resource.urn) ?? {});
    const unknown = findUnknowns(inputs).sort();
    return {
      urn: shortUrn(resource.urn),
      ...(resource.parent === undefined ? {} : { parent: shortUrn(resource.parent) }),
      ...names(resource, name),
      ...(resource.id === undefined ? {} : { id: replace(resource.id, name) as string }),
      outputs: cutOutputs(resource, (value) => replace(value, name)),
      ...(unknown.length === 0 ? {} : { unknownInPreview: unknown }),
    };
  });
  const stackOutputs = own.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  return {
    ...about,
    stackOutputs: Object.keys(stackOutputs).sort(),
    resources: recorded.sort((a, b) => (a.urn < b.urn ? -1 : 1)),
  };
}

/** `a$b::name` of `urn:pulumi:stack::project::a$b::name` */
export function shortUrn(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

function autoname({ inputs = {}, urn }: StateResource): [input: string, value: string] | undefined {
  const { name } = typeAndName(shortUrn(urn));
  const pattern = new RegExp(`^${name}${randomSuffix}$`, "i");
  for (const [key, value] of Object.entries(inputs)) {
    if (typeof value === "string" && pattern.test(value) && /name|identifier|bucket/i.test(key)) return [key, value];
  }
  return undefined;
}

function names(resource: StateResource, name: string): Pick<RecordedResource, "autonamed" | "physicalName"> {
  const [input] = autoname(resource) ?? [];
  if (input !== undefined) return { autonamed: input };
  const physicalName = resource.inputs?.name;
  return typeof physicalName === "string" && physicalName !== name ? { physicalName } : {};
}

/** Outputs that are also inputs need no recording. */
function cutOutputs({ custom, inputs = {}, outputs = {} }: StateResource, replace: (value: unknown) => unknown) {
  if (!custom) return {};
  const read = outputsRead.filter((key) => !(key in inputs) && ![undefined, null, ""].includes(outputs[key] as string));
  return Object.fromEntries(read.map((key) => [key, replace(outputs[key])]));
}

/** Replaces the random names and ids of all resources by ones derived from their logical names. */
function replacer(resources: readonly StateResource[]) {
  const replacements = new Map<string, string>();
  for (const resource of resources) {
    const { name } = typeAndName(shortUrn(resource.urn));
    const [, value] = autoname(resource) ?? [];
    if (value !== undefined) replacements.set(value, name);
    const [, prefix] = /^(r-rtb|[a-z]+)-[0-9a-f]{8,}$/.exec(resource.id ?? "") ?? [];
    if (prefix !== undefined && resource.id !== undefined) replacements.set(resource.id, `${prefix}-${name}`);
  }
  const replaceText = (text: string, name: string): string => {
    let result = text;
    for (const [random, replacement] of replacements) result = result.replaceAll(random, replacement);
    for (const [pattern, replacement] of randomParts) result = result.replace(pattern, replacement);
    return result.replace(/\bpl-[0-9a-f]{8,17}\b/g, `pl-${name}`);
  };
  const replace = (value: unknown, name: string): unknown => {
    if (typeof value === "string") return value === unknownValue ? value : replaceText(value, name);
    if (Array.isArray(value)) return value.map((item) => replace(item, name));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item, name)]));
  };
  return replace;
}
