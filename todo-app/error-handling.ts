import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { codeOf, DatabaseUnavailableError, OutcomeUnknownError } from "../credential-pool";
import { HttpError } from "./http-error";

/** A title has at most 200 characters, each of at most 12 bytes as JSON may write them. */
export const bodyLimitBytes = 4_096;

/** What Fastify itself finds wrong with a request, by its error code. */
const fastifyErrors: Readonly<Record<string, readonly [code: string, field: string, reason: string]>> = {
  FST_ERR_BAD_URL: ["INVALID_URL", "path", "must be percent-encoded UTF-8"],
  FST_ERR_MAX_PARAM_LENGTH: ["INVALID_URL", "path", "is too long"],
  FST_ERR_CTP_BODY_TOO_LARGE: ["BODY_TOO_LARGE", "body", `must have at most ${bodyLimitBytes} bytes`],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["UNSUPPORTED_MEDIA_TYPE", "Content-Type", "must be application/json"],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["INVALID_JSON", "body", "must not be empty"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["INVALID_INPUT", "Content-Length", "must be the length of the body"],
};

export function addErrorHandling(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(() => {
    throw new HttpError(404, "NOT_FOUND", "path", "no such path");
  });
}

/** Answers clients only with their own errors, and logs only the code of a driver's error. */
export function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const answer = toHttpError(error);
  if (answer.status >= 500) request.log.error(detailsOf(error), answer.reason);
  if (answer.status === 503) void reply.header("retry-after", "1");
  void reply.code(answer.status).send(answer.body);
}

/** What Node's parser refuses never becomes a request, so the answer is written to the socket. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOfParserError(error.code);
  const body = JSON.stringify(new HttpError(status, "INVALID_REQUEST", null, "is not a well-formed HTTP request").body);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\ncontent-type: application/json; charset=utf-8`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
}

function toHttpError(error: FastifyError | Error): HttpError {
  if (error instanceof HttpError) return error;
  // The server has undone what took too long.
  if (error instanceof DatabaseUnavailableError || codeOf(error) === "SQLSTATE 57014") {
    return new HttpError(503, "DATABASE_UNAVAILABLE", null, "the database does not answer; nothing was done");
  }
  if (error instanceof OutcomeUnknownError) {
    const reason = "the connection to the database was lost; it is not known whether the request was done";
    return new HttpError(503, "OUTCOME_UNKNOWN", null, reason);
  }
  const { statusCode = 500, code = "" } = error as Partial<FastifyError>;
  const known = fastifyErrors[code];
  if (known) return new HttpError(statusCode, ...known);
  if (statusCode === 400) return new HttpError(400, "INVALID_JSON", "body", "must be JSON");
  if (statusCode < 500)
    return new HttpError(statusCode, "INVALID_REQUEST", null, STATUS_CODES[statusCode] ?? "refused");
  if (statusCode === 503) return new HttpError(503, "SHUTTING_DOWN", null, "this server is shutting down");
  return new HttpError(500, "INTERNAL", null, "internal error; it is not known whether anything was done");
}

function detailsOf(error: Error): object {
  const received = "received" in error ? error.received : codeOf(error);
  // A stack begins with the message, which may quote values: only its frames are logged.
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  return { errorType: error.name, received, frames: frames?.slice(0, 5) };
}

function statusOfParserError(code: string | undefined): number {
  if (code === "HPE_HEADER_OVERFLOW") return 431;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
}
