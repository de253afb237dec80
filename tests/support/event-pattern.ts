/** A JSON value in an event or a pattern. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

type JsonObject = Readonly<Record<string, Json>>;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Whether EventBridge would hand the event to a rule with this pattern: each field of the pattern is in the event, with
 * one of the listed values; an array in the event matches when one of its elements does. Strings match exactly,
 * including case. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *
 * npm has no library for Node that still does this. This one does what the project's patterns need and refuses the
 * rest.
 *
 * @throws Error for operators that it does not support ($or, prefix, anything-but, …), and for what EventBridge refuses
 */
export function matchesPattern(pattern: JsonObject, event: JsonObject): boolean {
  const fields = Object.entries(pattern);
  if (fields.length === 0) throw new Error("an empty pattern: EventBridge refuses it");
  // Checks all fields, even after one that does not match: an unknown operator must not go unnoticed.
  return fields.map(([key, expected]) => matchesField(key, expected, event[key])).every(Boolean);
}

function matchesField(key: string, expected: Json, received: Json | undefined): boolean {
  if (key.startsWith("$")) throw new Error(`${key}: an operator that this matcher does not know`);
  if (isObject(expected)) {
    if (Array.isArray(received)) throw new Error(`${key}: this matcher knows no objects in an event's arrays`);
    return matchesPattern(expected, isObject(received) ? received : {});
  }
  if (!Array.isArray(expected)) throw new Error(`${key}: received ${JSON.stringify(expected)}, accepted is an array`);
  return matchesOneOf(key, expected as readonly Json[], received);
}

function matchesOneOf(key: string, expected: readonly Json[], received: Json | undefined): boolean {
  if (expected.length === 0) throw new Error(`${key}: an empty array: EventBridge refuses it`);
  for (const value of expected) {
    if (typeof value === "object" && value !== null) {
      throw new Error(`${key}: ${JSON.stringify(value)} is an operator that this matcher does not know`);
    }
  }
  if (received === undefined) return false;
  const candidates = Array.isArray(received) ? (received as readonly Json[]) : [received];
  return candidates.some((candidate) => expected.includes(candidate));
}
