import { randomUUID } from "node:crypto";
import type { FastifyInstance, RouteHandlerMethod } from "fastify";
import type { CredentialPool } from "../credential-pool";
import { HttpError, InvalidInputError } from "./http-error";
import { formatPosition, readBody, readCompleted, readLimit, readPosition, readTitle, readUuid } from "./input";
import { Todos } from "./todos";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** A readiness probe has its own limit, and a paused database resumes in the background. */
const readinessTimeoutMs = 5_000;
const shownVersionIdLength = 8;

/** Every path with its methods; any other method is answered with 405 and the list. */
export function addRoutes(app: FastifyInstance, database: CredentialPool): void {
  addPath(app, "/healthz", { GET: () => ({ status: "ok" }) });
  addPath(app, "/readyz", {
    async GET() {
      await database.query({ text: "select 1", effect: "read", connectionTimeoutMillis: readinessTimeoutMs });
      return { status: "ok" };
    },
  });
  addPath(app, "/api/credential", {
    GET() {
      const { status, user, versionId, changedAt } = database.credentialHealth;
      return {
        status,
        user: user ?? null,
        versionId: versionId?.slice(0, shownVersionIdLength) ?? null,
        changedAt: changedAt?.toISOString() ?? null,
      };
    },
  });
  addTodoRoutes(app, new Todos(database));
}

function addTodoRoutes(app: FastifyInstance, todos: Todos): void {
  addPath(app, "/api/todos", {
    async GET(request) {
      const { limit, after } = request.query as Record<string, unknown>;
      const page = await todos.list(readLimit(limit), readPosition(after));
      return { todos: page.todos, next: formatPosition(page.next) };
    },
    async POST(request, reply) {
      const { title } = readBody(request.body, ["title"]);
      const key = request.headers["idempotency-key"];
      // If the client sends no key, the id still makes our own retries harmless.
      const id = key === undefined ? randomUUID() : readUuid(key, "Idempotency-Key");
      const todo = await todos.add(id, readTitle(title));
      if (!todo)
        throw new HttpError(409, "CONFLICT", "Idempotency-Key", "was already used for a todo with another title");
      return reply.code(201).header("location", `/api/todos/${id}`).send(todo);
    },
  });
  addPath(app, "/api/todos/:id", {
    async PATCH(request) {
      const id = readUuid((request.params as { id?: unknown }).id, "id");
      const { title, completed } = readBody(request.body, ["title", "completed"]);
      if (title === undefined && completed === undefined) {
        throw new InvalidInputError("body", "must have title, completed or both");
      }
      const todo = await todos.change(id, {
        title: title === undefined ? undefined : readTitle(title),
        completed: completed === undefined ? undefined : readCompleted(completed),
      });
      return todo ?? notFound();
    },
    async DELETE(request, reply) {
      const id = readUuid((request.params as { id?: unknown }).id, "id");
      if (!(await todos.delete(id))) notFound();
      return reply.code(204).send();
    },
  });
}

export function addPath(
  app: FastifyInstance,
  url: string,
  handlers: Partial<Record<Method, RouteHandlerMethod>>,
): void {
  for (const [method, handler] of Object.entries(handlers)) app.route({ method, url, handler });
  const known = Object.keys(handlers).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  app.route({
    method: app.supportedMethods.filter((method) => !known.includes(method)),
    url,
    exposeHeadRoute: false,
    // Runs before the body is read: the answer does not depend on it.
    onRequest(request, reply, done) {
      void reply.header("allow", known.join(", "));
      done(new HttpError(405, "METHOD_NOT_ALLOWED", "method", `${request.method} is not one of ${known.join(", ")}`));
    },
    handler: () => undefined,
  });
}

function notFound(): never {
  throw new HttpError(404, "NOT_FOUND", "id", "no such todo");
}
