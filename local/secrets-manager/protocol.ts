import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { ApiError, serialization } from "./api-error";
import { Input } from "./input";

/** One request, as far as awsJson1_1 defines it. */
export interface ApiRequest {
  readonly operation: string;
  readonly input: Input;
  /** The access key id that signed the request, which is the caller. The signature itself is not checked. */
  readonly source: string | undefined;
}

/** Thrown by a handler to cut the connection without an answer. */
export class ConnectionCut extends Error {}

/** An HTTP server that speaks awsJson1_1: X-Amz-Target names the operation, errors carry `__type` and `message`. */
export function createApiServer(handle: (request: ApiRequest) => Promise<object>): Server {
  return createServer((request, response) => {
    respond(request, response, handle).catch(() => request.socket.destroy());
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: ApiRequest) => Promise<object>,
): Promise<void> {
  let statusCode = 200;
  let body: object;
  try {
    body = await handle(await readRequest(request));
  } catch (error) {
    if (error instanceof ConnectionCut) throw error;
    const apiError = error instanceof ApiError ? error : internalError(error);
    statusCode = apiError.statusCode;
    body = apiError.body;
  }
  response.writeHead(statusCode, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() });
  response.end(JSON.stringify(body));
}

/** A bug in this endpoint: better to report it to the caller than to let the call hang. */
function internalError(error: unknown): ApiError {
  return new ApiError("InternalServiceError", `The local endpoint failed: ${String(error)}`, 500);
}

async function readRequest(request: IncomingMessage): Promise<ApiRequest> {
  const body = await text(request);
  const [, operation = ""] = /^secretsmanager\.(\w+)$/.exec(String(request.headers["x-amz-target"])) ?? [];
  const [, source] = /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? "") ?? [];
  return { operation, input: new Input(parseJson(body)), source };
}

/** The parser's own message is withheld: it quotes the text, which may hold a secret. */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw serialization("The request body is not JSON.");
  }
}
