import * as pulumi from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";
import assert from "node:assert/strict";
import "../../preload.cjs"; // no stack trace with each of Pulumi's promises: they take most of a test's time
import { awsxComponents, Child, OutputOf } from "../../engine/awsx-stand-ins";
import { recordedPlace } from "../../engine/recording";
import { invoke, standInFor, type Place, type Properties } from "../../engine/stand-ins";

/** What a component registered under mocks. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Properties;
}

/** A policy document, as AWS gets it. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: string;
    readonly Principal?: unknown;
    readonly Action: string | readonly string[];
    readonly Resource?: unknown;
    readonly Condition?: unknown;
  }[];
}

export interface Registered<T> {
  /** What `build` returned, with every output resolved. */
  readonly result: pulumi.Unwrap<T>;
  readonly all: readonly Registration[];
  /** The inputs of the one resource of this type; the name is needed when the type alone is ambiguous. */
  readonly inputsOf: (type: string, name?: string) => Properties;
  readonly policyOf: (type: string, name?: string) => Policy;
  /** What the role's policy allows, by the statements' names. */
  readonly sids: (role?: string) => string[];
  /** The environment of the one Lambda function. */
  readonly variables: () => Readonly<Record<string, string>>;
  readonly count: (type: string) => number;
}

/** Not in Pulumi's types, but Pulumi's own shutdown calls it. */
const { leakedPromises } = debuggable as unknown as { leakedPromises: () => [ReadonlySet<unknown>, string] };

/**
 * Registers components alone, with the offline engine's stand-ins for AWS's answers. Waits for everything and fails
 * when something never settles: otherwise an assertion in a forgotten promise would pass unnoticed.
 */
export async function register<T>(build: () => T): Promise<Registered<T>> {
  const all: Registration[] = [];
  const place = recordedPlace;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        const properties = inputs as Properties;
        if (type === "pulumi:pulumi:Stack") return { id: undefined, state: {} };
        all.push({ type, name, inputs: properties });
        const isOurs = custom === false && type.startsWith("todo-rotation:");
        if (isOurs) return { id: undefined, state: properties };
        return answer(type, name, properties, place);
      },
      call: ({ token, inputs }) => invoke(token, inputs as Properties, place),
    },
    "todo-rotation",
    "test",
  );
  let result: unknown;
  await pulumi.runtime.runInPulumiStack(async () => {
    result = await new Promise((resolve) => pulumi.output(build()).apply(resolve));
  });
  await pulumi.runtime.disconnect();
  assert.equal(leakedPromises()[0].size, 0, "an input never settled");
  const inputsOf = (type: string, name?: string): Properties => onlyOne(all, type, name).inputs;
  const policyOf = (type: string, name?: string) => JSON.parse(String(inputsOf(type, name).policy)) as Policy;
  return {
    result: result as pulumi.Unwrap<T>,
    all,
    inputsOf,
    policyOf,
    sids: (role) => policyOf("aws:iam/rolePolicy:RolePolicy", role).Statement.map(({ Sid }) => Sid),
    variables: () => {
      const { environment } = inputsOf("aws:lambda/function:Function");
      return (environment as { variables: Readonly<Record<string, string>> }).variables;
    },
    count: (type) => all.filter((registration) => registration.type === type).length,
  };
}

function answer(type: string, name: string, inputs: Properties, place: Place): { id: string; state: Properties } {
  const component = awsxComponents[type];
  if (component === undefined) {
    const { id, outputs } = standInFor(type, name, inputs, place);
    return { id, state: { ...inputs, ...outputs } };
  }
  const registry = `${place.accountId}.dkr.ecr.${place.region}.amazonaws.com`;
  return { id: name, state: flattenChildren(component(name, inputs, registry).outputs, place) as Properties };
}

/** Mocks have no resource references: a child's properties replace it. */
function flattenChildren(value: unknown, place: Place): unknown {
  if (value instanceof OutputOf) {
    return value.value ?? standInFor(value.child.type, value.child.name, {}, place).id;
  }
  if (value instanceof Child) {
    const { id, outputs } = standInFor(value.type, value.name, {}, place);
    return { id, ...outputs };
  }
  if (Array.isArray(value)) return value.map((item) => flattenChildren(item, place));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, flattenChildren(item, place)]));
}

function onlyOne(all: readonly Registration[], type: string, name: string | undefined): Registration {
  const matches = all.filter((one) => one.type === type && (name === undefined || one.name === name));
  const [match] = matches;
  assert(match !== undefined && matches.length === 1, `${matches.length} resources ${type} ${name ?? ""}`);
  return match;
}
