import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the real engine and the AWS provider made of one stack, reduced to what is read here. */
export interface Recording {
  readonly stack: string;
  /** Overrides the stack's file: key without namespace → value. */
  readonly config: Readonly<Record<string, string>>;
  /** Package → version whose types and components were recorded. */
  readonly packages: Readonly<Record<string, string>>;
  /** Names of the stack's outputs, sorted. */
  readonly stackOutputs: readonly string[];
  /** Sorted by URN. */
  readonly resources: readonly RecordedResource[];
}

export interface RecordedResource {
  /** Types and name, as in `a:b:Parent$c:d:Type::name`: a URN without stack and project. */
  readonly urn: string;
  /** A URN of the same form; undefined for the stack. */
  readonly parent?: string;
  /** The name in AWS where the program gives one. */
  readonly physicalName?: string;
  /** The input that the provider fills with a generated name. */
  readonly autonamed?: string;
  /** Undefined for a component. */
  readonly id?: string;
  /**
   * What the provider added to the inputs; for an awsx component all outputs, a resource as {resource: URN}. Parts that
   * differ in each run follow from the resource's logical name: no random suffix, `sg-database` for the id of a group.
   */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Paths of the inputs that are not known before the first deployment. */
  readonly unknownInPreview?: readonly string[];
}

/** The account and region of the recordings. */
export const recordedPlace = { accountId: "123456789012", region: "us-east-1" } as const;

export const recordingsFolder = join(__dirname, "../tests/recorded");

let recordings: ReadonlyMap<string, Recording> | undefined;

/** The recordings by name: the stack's, or a variant's. */
export function readRecordings(): ReadonlyMap<string, Recording> {
  recordings ??= new Map(
    readdirSync(recordingsFolder)
      .filter((file) => file.endsWith(".json"))
      .sort()
      .map((file) => {
        const text = readFileSync(join(recordingsFolder, file), "utf8");
        return [file.replace(/\.json$/, ""), JSON.parse(text) as Recording];
      }),
  );
  return recordings;
}

/** @returns type and logical name of a recorded URN */
export function typeAndName(urn: string): { type: string; name: string } {
  const [types = "", name = ""] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name };
}
