import { InvalidInputError } from "./http-error";
import type { Position } from "./todos";

const longestTitle = 200;
const largestLimit = 100;
const defaultLimit = 50;
const uuid = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
const uuidPattern = new RegExp(`^${uuid}$`);
/** 16 digits of microseconds last until the year 2286. */
const positionPattern = new RegExp(`^(\\d{1,16})_(${uuid})$`);

/** @throws InvalidInputError, as everything here does */
export function readBody(body: unknown, fields: readonly string[]): Record<string, unknown> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new InvalidInputError("body", `must be a JSON object with ${fields.join(", ")}`);
  }
  const unknown = Object.keys(body).find((key) => !fields.includes(key));
  // The name is the client's own text; it is cut so that the answer does not grow with the request.
  if (unknown !== undefined)
    throw new InvalidInputError(unknown.slice(0, 50), `unknown field; accepted: ${fields.join(", ")}`);
  return body as Record<string, unknown>;
}

/** Trimmed. Counted in code points, as PostgreSQL does. NUL is refused like any control character. */
export function readTitle(value: unknown): string {
  if (typeof value !== "string") throw new InvalidInputError("title", "must be a string");
  const title = value.trim();
  const { length } = Array.from(title);
  if (length > longestTitle) {
    throw new InvalidInputError("title", `must have at most ${longestTitle} characters, has ${length}`);
  }
  if (/\p{Cc}/u.test(title)) throw new InvalidInputError("title", "must not contain control characters");
  if (/\p{Cs}/u.test(title)) throw new InvalidInputError("title", "must be well-formed Unicode");
  if (!/[^\p{Z}\p{Cf}]/u.test(title)) throw new InvalidInputError("title", "must have a visible character");
  return title;
}

export function readCompleted(value: unknown): boolean {
  if (typeof value !== "boolean") throw new InvalidInputError("completed", "must be true or false");
  return value;
}

/** @param field where it was: a part of the path or a header */
export function readUuid(value: unknown, field: string): string {
  if (typeof value !== "string" || !uuidPattern.test(value)) throw new InvalidInputError(field, "must be a UUID");
  return value.toLowerCase();
}

export function readLimit(value: unknown): number {
  if (value === undefined) return defaultLimit;
  const limit = typeof value === "string" && /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > largestLimit) {
    throw new InvalidInputError("limit", `must be a whole number from 1 to ${largestLimit}`);
  }
  return limit;
}

/** Opaque to clients: the `next` of the page before. */
export function readPosition(value: unknown): Position | undefined {
  if (value === undefined) return undefined;
  const [, createdAtMicroseconds, id] = typeof value === "string" ? (positionPattern.exec(value) ?? []) : [];
  if (createdAtMicroseconds === undefined || id === undefined) {
    throw new InvalidInputError("after", "must be the `next` of the previous page");
  }
  return { createdAtMicroseconds, id };
}

export function formatPosition(position: Position | undefined): string | null {
  return position ? `${position.createdAtMicroseconds}_${position.id}` : null;
}
