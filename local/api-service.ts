import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { ServerCertificate } from "./certificates";

export interface ApiServiceOptions {
  /** What becomes of the key before, once there is a new one: it ends at once, or stays until the next one comes. */
  readonly oldKey?: "ends" | "stays";
  /** HTTPS with this certificate. @default plain HTTP */
  readonly certificate?: ServerCertificate;
  /** Called before the service answers; true when it has answered the request itself. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
}

/** One request, after it was answered; `key` is the one that it was made with. */
export interface ApiRequestRecord {
  readonly line: string;
  readonly status: number;
  readonly key: string | undefined;
}

/**
 * An HTTP service that is opened by a key, and takes a request to change it from whoever holds a valid one:
 *
 *     GET /account            200 {"name": …}            who the key belongs to
 *     PUT /key {"key": …}     204, or 409                sets the next key, which the caller made
 *     POST /keys              201 {"data": {"key": …}}   makes the next key; once for each Idempotency-Key
 *
 * The key stands in `Authorization: Bearer …`; without a valid one everything answers 401.
 */
export interface ApiService {
  /** Such as "http://127.0.0.1:40123". */
  readonly url: string;
  /** Such as "127.0.0.1:40123". */
  readonly host: string;
  /** The key that is valid at first. */
  readonly firstKey: string;
  /** Every request since the start, in order. */
  readonly requests: readonly ApiRequestRecord[];
  isValid(key: string): boolean;
  /** How many keys it ever made or was given, the first included. */
  keyCount(): number;
  /** Closes every connection. */
  stop(): Promise<void>;
}

/** Starts the service on a free port of 127.0.0.1. */
export async function startApiService(options: ApiServiceOptions = {}): Promise<ApiService> {
  const { certificate } = options;
  const requests: ApiRequestRecord[] = [];
  const keys = new Keys(options.oldKey ?? "ends");
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const record = () => {
      const line = `${request.method ?? ""} ${request.url ?? ""}`;
      requests.push({ line, status: response.statusCode, key: keyOf(request) });
    };
    response.once("close", record);
    respond(request, response, keys, options).catch(() => request.socket.destroy());
  };
  const server: Server = certificate
    ? createTlsServer({ cert: certificate.certificate, key: certificate.key }, handle)
    : createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${certificate ? "https" : "http"}://${host}`,
    host,
    firstKey: keys.first,
    requests,
    isValid: (key) => keys.isValid(key),
    keyCount: () => keys.count,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The keys of the one account, the newest last. */
class Keys {
  readonly first = newKey();
  readonly #all = [this.first];
  readonly #madeFor = new Map<string, string>();

  constructor(private readonly oldKey: "ends" | "stays") {}

  get count(): number {
    return this.#all.length;
  }

  isValid(key: string): boolean {
    return this.#all.slice(this.oldKey === "ends" ? -1 : -2).includes(key);
  }

  /** @returns false where there has been such a key already */
  set(key: string): boolean {
    if (this.#all.includes(key)) return false;
    this.#all.push(key);
    return true;
  }

  make(idempotencyKey: string | undefined): string {
    const made = this.#madeFor.get(idempotencyKey ?? "") ?? newKey();
    if (idempotencyKey !== undefined) this.#madeFor.set(idempotencyKey, made);
    this.set(made);
    return made;
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  keys: Keys,
  { intercept }: ApiServiceOptions,
): Promise<void> {
  if (await intercept?.(request, response)) return;
  const send = (status: number, body?: object): void => {
    response.writeHead(status, body && { "content-type": "application/json; charset=utf-8" });
    response.end(body && JSON.stringify(body));
  };
  const body = await text(request);
  if (!keys.isValid(keyOf(request) ?? "")) {
    send(401, { error: "no valid key" });
    return;
  }
  switch (`${request.method ?? ""} ${request.url ?? ""}`) {
    case "GET /account":
      send(200, { name: "example" });
      return;
    case "PUT /key":
      if (keys.set((JSON.parse(body) as { key: string }).key)) send(204);
      else send(409, { error: "this key exists" });
      return;
    case "POST /keys":
      send(201, { data: { key: keys.make(request.headers["idempotency-key"]?.toString()) } });
      return;
    default:
      send(404, { error: "no such path" });
  }
}

function keyOf(request: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
}

function newKey(): string {
  return `example-${randomBytes(24).toString("base64url")}`;
}
