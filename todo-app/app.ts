import type { Socket } from "node:net";
import {
  fastify,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { CredentialPool } from "../credential-pool";
import { addErrorHandling, answerBrokenRequest, answerError, bodyLimitBytes } from "./error-handling";
import { addRoutes } from "./routes";
import { addPage } from "./page";

export interface AppOptions {
  readonly database: CredentialPool;
  /** Folder of the page's files. */
  readonly publicFolder: string;
  readonly logger: FastifyBaseLogger;
}

/** For a client that sends its request drop by drop. */
const requestTimeoutMs = 15_000;

/** Everything comes from this server, and nobody frames it. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The HTTP side of the service, not yet listening. The database stays the caller's to close. */
export function createApp({ database, publicFolder, logger }: AppOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }), // logRequest() below chooses what is logged
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    frameworkErrors(error, request, reply) {
      answerError(error, request, reply.headers(securityHeaders)); // before any hook
    },
    clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket) {
      answerBrokenRequest(error, socket);
    },
  });
  app.removeContentTypeParser("text/plain"); // JSON alone: a form of another site cannot send that without being asked
  app.addHook("onRequest", (_request, reply, done) => {
    void reply.headers(securityHeaders).header("cache-control", "no-store");
    done();
  });
  app.addHook("onResponse", logRequest);
  closeConnectionsAtTheEnd(app);
  addErrorHandling(app);
  addRoutes(app, database);
  addPage(app, publicFolder);
  return app;
}

/** At close(), Node.js ends idle connections at once; one with a request under way would stay for the next request. */
function closeConnectionsAtTheEnd(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
    return Promise.resolve();
  });
  app.addHook("onSend", async (_request, reply) => {
    if (isClosing) void reply.header("connection", "close");
    return Promise.resolve();
  });
}

/** No body, no header, no query: the path's pattern, and what came of it. */
async function logRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const fields = {
    method: request.method,
    path: request.routeOptions.url ?? "unknown",
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime),
  };
  request.log.info(fields, "answered");
  return Promise.resolve();
}
