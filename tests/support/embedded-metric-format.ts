import Ajv from "ajv";

/** One data point, as CloudWatch stores it: an alarm names the namespace, the name and every dimension. */
export interface DataPoint {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

const name = (maxLength: number) => ({ type: "string", minLength: 1, maxLength });

const units = [
  ...["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "None", "Count/Second"],
  ...["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits"],
];

/** The specification's own limits. Its objects may have no other members, but the root may. */
const schema = {
  type: "object",
  required: ["_aws"],
  properties: {
    _aws: {
      type: "object",
      required: ["Timestamp", "CloudWatchMetrics"],
      properties: {
        Timestamp: { type: "integer", minimum: 1 },
        CloudWatchMetrics: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            required: ["Namespace", "Dimensions", "Metrics"],
            additionalProperties: false,
            properties: {
              Namespace: name(1024),
              Dimensions: {
                type: "array",
                minItems: 1,
                items: { type: "array", maxItems: 30, items: name(250) },
              },
              Metrics: {
                type: "array",
                minItems: 1,
                maxItems: 100,
                items: {
                  type: "object",
                  required: ["Name"],
                  additionalProperties: false,
                  properties: {
                    Name: name(1024),
                    Unit: { enum: units },
                    StorageResolution: { enum: [1, 60] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

interface Document {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

const isDocument = new Ajv({ allErrors: true }).compile<Document>(schema);

/**
 * The data points that CloudWatch reads from a function's log. Lines that are not JSON, or JSON without `_aws`, are
 * ignored.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * @throws Error for a line that claims to be in the embedded metric format and is not; CloudWatch drops it silently
 */
export function readDataPoints(lines: readonly string[]): DataPoint[] {
  return lines.flatMap((line) => {
    const document = parseDocument(line);
    if (!document) return [];
    return document._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.map(({ Name, Unit = "None" }) => ({
          namespace,
          name: Name,
          unit: Unit,
          dimensions: Object.fromEntries(names.map((key) => [key, readTarget(document, key, "string")])),
          value: readTarget(document, Name, "number"),
        })),
      ),
    );
  });
}

function parseDocument(line: string): Document | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null || !("_aws" in json)) return undefined;
  if (isDocument(json)) return json;
  const errors = (isDocument.errors ?? []).map(({ instancePath, message = "" }) => `${instancePath} ${message}`);
  throw new Error(`no embedded metric format: ${errors.join("; ")}`);
}

interface TargetTypes {
  readonly string: string;
  readonly number: number;
}

/** A directive must refer to a member of the root, of the right type. */
function readTarget<Type extends keyof TargetTypes>(document: Document, key: string, type: Type): TargetTypes[Type] {
  const value = document[key];
  if (typeof value === type && value !== "") return value as TargetTypes[Type];
  throw new Error(`no embedded metric format: ${key} is ${typeof value}, and must be a ${type}`);
}
