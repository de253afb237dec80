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

/** Against clients that send their request drop by drop. */
const requestTimeoutMs = 15_000;

/** Everything comes from this server, and no page may frame it. */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The HTTP side of the service, not yet listening. The caller closes the database. */
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
  app.removeContentTypeParser("text/plain"); // JSON only: another site's form cannot send it without asking first
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

/** At close(), Node.js ends idle connections immediately, but a busy one would stay open for its next request. */
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

/** Logs the path's pattern and the outcome: no body, no header, no query. */
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
