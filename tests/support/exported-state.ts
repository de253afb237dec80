import { findMissing } from "../../engine/missing-values";
import { findCredentials } from "./credentials";

/** The part that is read of what `pulumi stack export` prints. */
export interface ExportedState {
  readonly deployment: { readonly resources?: readonly StateResource[] };
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Each step of an update writes the whole state again. Measured as JSON without indentation. */
const maxStateBytes = 800_000;
const stackType = "pulumi:pulumi:Stack";

/**
 * Finds what must not be in a stack's state: inputs and stack outputs without a value, credentials, and too much data.
 *
 * @returns a line for each, with the resource and the path, never with a value
 */
export function checkState(state: ExportedState): string[] {
  const { resources = [] } = state.deployment;
  const isManaged = ({ custom, type }: StateResource): boolean => custom && !type.startsWith("pulumi:providers:");
  const bytes = Buffer.byteLength(JSON.stringify(state));
  const size = bytes > maxStateBytes ? [`the state has ${bytes} bytes, accepted is at most ${maxStateBytes}`] : [];
  const findings = resources.flatMap((resource) => {
    const { urn, type, inputs = {}, outputs = {} } = resource;
    const name = `${type} ${urn.split("::").at(-1) ?? ""}`;
    const missing = [
      ...(isManaged(resource) ? findMissing(type, withoutDefaults(inputs)) : []),
      ...(type === stackType ? findMissing(type, outputs) : []),
    ];
    const credentials = findCredentials({ inputs, outputs }).map((path) => `${path} looks like a credential`);
    return [...missing, ...credentials].map((finding) => `${name}: ${finding}`);
  });
  return [...size, ...findings];
}

/** The provider's list of the inputs that it set itself; it may be empty. */
const defaultsKey = "__defaults";

function withoutDefaults(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const strip = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(strip);
    if (typeof item !== "object" || item === null) return item;
    const entries = Object.entries(item).filter(([key]) => key !== defaultsKey);
    return Object.fromEntries(entries.map(([key, one]) => [key, strip(one)]));
  };
  return strip(value) as Record<string, unknown>;
}
