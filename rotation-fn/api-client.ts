import { setTimeout as sleep } from "node:timers/promises";
import type { ApiRequestLine, ApiSettings } from "./api-settings";
import {
  ApiRedirectError,
  ApiThrottledError,
  ApiUnavailableError,
  type RotationError,
  UnexpectedApiAnswerError,
} from "./errors";

/** The part of the service's answer that the strategy acts on. */
export interface ApiAnswer {
  readonly outcome: "done" | "refused" | "conflict";
  readonly status: number;
  /** The answer's JSON; undefined for an empty answer, and for one that is not "done". */
  readonly json: unknown;
}

export interface ApiCall {
  readonly request: ApiRequestLine;
  /** Authenticates the call. */
  readonly key: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** A service that supports the header answers a repeated request as it answered the first. */
  readonly idempotencyKey?: string;
}

/** One request, answer included. */
const requestTimeoutMs = 10_000;
/** Kept in reserve, so that the error names the API instead of "Task timed out". */
const reservedMs = 3_000;
const maxAnswerBytes = 64 * 1024;
const backoffMs = [500, 1_000];

/**
 * Calls the service. Tries again if it does not answer, answers 5xx, or asks to wait (429, 503 with Retry-After).
 *
 * @throws ApiUnavailableError, ApiThrottledError, ApiRedirectError, UnexpectedApiAnswerError. Of what the service sent,
 *   messages hold only the status, and nothing of the key.
 */
export async function callApi(call: ApiCall, settings: ApiSettings, remainingTimeMs: () => number): Promise<ApiAnswer> {
  const deadline = Date.now() + remainingTimeMs() - reservedMs;
  for (let attempt = 0; ; attempt++) {
    const result = await tryOnce(call, settings, deadline);
    if ("outcome" in result) return result;
    const backoff = backoffMs[attempt]; // undefined after the last attempt
    const waitMs = result.retryAfterMs ?? backoff;
    if (backoff === undefined || waitMs === undefined || Date.now() + waitMs >= deadline) throw result.error;
    await sleep(waitMs);
  }
}

interface Retryable {
  readonly error: RotationError;
  /** What the service asks for. */
  readonly retryAfterMs?: number;
}

async function tryOnce(call: ApiCall, settings: ApiSettings, deadline: number): Promise<ApiAnswer | Retryable> {
  const where = `${call.request.method} ${call.request.url}`;
  const signal = AbortSignal.timeout(Math.max(1, Math.min(requestTimeoutMs, deadline - Date.now())));
  let response: Response;
  let text: string;
  try {
    response = await send(call, settings, signal);
    text = await readText(response, where);
  } catch (error) {
    if (error instanceof UnexpectedApiAnswerError) throw error;
    const accepted = "an answer; check the service's state, and what lets this function reach it";
    return { error: new ApiUnavailableError(where, codeOf(error), accepted) };
  }
  return judge(response, text, where);
}

function send({ request, key, body, idempotencyKey }: ApiCall, settings: ApiSettings, signal: AbortSignal) {
  return fetch(request.url, {
    method: request.method,
    redirect: "manual", // following it would send the key to whatever host the answer names
    signal,
    headers: {
      accept: "application/json",
      ...(body && { "content-type": "application/json" }),
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      [settings.headerName]: settings.headerTemplate.replace("{key}", () => key),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

function judge(response: Response, text: string, where: string): ApiAnswer | Retryable {
  const { status } = response;
  if (response.ok) return { outcome: "done", status, json: parseAnswer(response, text, where) };
  if (status === 401 || status === 403) return { outcome: "refused", status, json: undefined };
  if (status === 409) return { outcome: "conflict", status, json: undefined };
  if (status >= 300 && status < 400) {
    throw new ApiRedirectError(where, `a redirect (${status})`, "an answer of its own; no redirect is followed");
  }
  const retryAfterMs = readRetryAfter(response);
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) {
    const received = `429, Retry-After ${retryAfterMs === undefined ? "not given" : `${retryAfterMs / 1000} s`}`;
    const accepted = "a service that takes another request in the time that the function has";
    return { error: new ApiThrottledError(where, received, accepted), ...retry };
  }
  if (status >= 500) {
    return {
      error: new ApiUnavailableError(where, `status ${status}`, "an answer; check the service's state"),
      ...retry,
    };
  }
  throw new UnexpectedApiAnswerError(where, `status ${status}`, "2xx, 401, 403, 409, 429 or 5xx");
}

/** An HTML page with status 200 comes from a login form or a proxy: it does not prove that anything was done. */
function parseAnswer(response: Response, text: string, where: string): unknown {
  if (text === "") return undefined;
  const type = response.headers.get("content-type") ?? "";
  try {
    if (/^application\/([\w.-]+\+)?json\b/i.test(type)) return JSON.parse(text);
  } catch {
    throw new UnexpectedApiAnswerError(where, "JSON that does not parse", "JSON, or nothing");
  }
  const kind = /^[\w.+-]+\/[\w.+-]+/.exec(type)?.[0] ?? "no content type";
  throw new UnexpectedApiAnswerError(where, `status ${response.status} with ${kind}`, "JSON, or nothing");
}

async function readText(response: Response, where: string): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early ends the connection.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) {
      throw new UnexpectedApiAnswerError(where, `more than ${maxAnswerBytes} bytes`, "a shorter answer");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Seconds or an HTTP date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function readRetryAfter(response: Response): number | undefined {
  const value = response.headers.get("retry-after") ?? "";
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** fetch hides Node's code in its error's cause. Never a message: it may quote a header. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "an unknown error";
  if (error.name === "TimeoutError") return "no answer in time";
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : error.name;
}
