import { ApiError, invalidParameter } from "./api-error";
import type { Input } from "./input";

/** One page of a list, by MaxResults (1–100, 100 by default) and the NextToken of the previous page. */
export function page<T>(input: Input, items: readonly T[]): { items: readonly T[]; NextToken?: string } {
  const size = input.optionalInteger("MaxResults") ?? 100;
  if (size < 1 || size > 100) throw invalidParameter("MaxResults must be within 1-100.");
  const token = input.optionalString("NextToken") ?? "0";
  if (!/^\d+$/.test(token)) throw new ApiError("InvalidNextTokenException", "The NextToken value is invalid.");
  const start = Number(token);
  const end = start + size;
  return { items: items.slice(start, end), ...(end < items.length && { NextToken: String(end) }) };
}
