export interface Todo {
  readonly id: string;
  readonly title: string;
  readonly completed: boolean;
}

export interface Page {
  readonly todos: readonly Todo[];
  readonly next: string | null;
}

export interface Credential {
  readonly status: "untried" | "accepted" | "changing";
  readonly user: string | null;
  readonly versionId: string | null;
  readonly changedAt: string | null;
}

/** The server's own message about what is wrong. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Milliseconds between tries while the server or the database restarts. */
const pausesMs = [200, 500, 1_000, 2_000, 4_000];

export function listTodos(after?: string): Promise<Page> {
  const query = after === undefined ? "" : `?after=${encodeURIComponent(after)}`;
  return send("GET", `/api/todos${query}`) as Promise<Page>;
}

/** The id is made here, once: only one todo is added, however often the request is sent. */
export function addTodo(title: string): Promise<Todo> {
  return send("POST", "/api/todos", { title }, { "idempotency-key": createUuid() }) as Promise<Todo>;
}

export function changeTodo(id: string, change: { title?: string; completed?: boolean }): Promise<Todo> {
  return send("PATCH", `/api/todos/${id}`, change) as Promise<Todo>;
}

/** A todo that is already gone is a success: an earlier try may have deleted it. */
export async function deleteTodo(id: string): Promise<void> {
  try {
    await send("DELETE", `/api/todos/${id}`);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

/** Sent once: the page soon asks again anyway. */
export async function readCredential(): Promise<Credential> {
  return (await sendOnce("GET", "/api/credential", undefined, {})) as Credential;
}

/** Every request of this page is safe to send again. */
async function send(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  for (const pauseMs of pausesMs) {
    try {
      return await sendOnce(method, path, body, headers);
    } catch (error) {
      const mayPass = !(error instanceof ApiError) || [502, 503, 504].includes(error.status);
      if (!mayPass) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return sendOnce(method, path, body, headers);
}

async function sendOnce(method: string, path: string, body: object | undefined, headers: Record<string, string>) {
  const response = await fetch(path, {
    method,
    headers: { ...headers, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.ok) return response.status === 204 ? undefined : ((await response.json()) as unknown);
  throw new ApiError(response.status, await readReason(response));
}

async function readReason(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error: { field: string | null; reason: string } };
    return error.field === null ? error.reason : `${error.field} ${error.reason}`;
  } catch {
    return `the server answered ${response.status}`; // a load balancer's page
  }
}

/** crypto.randomUUID needs HTTPS or localhost; this does not. */
function createUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
