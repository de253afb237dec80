import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Before the server's work, or after all of it, when the answer is on its way. */
export type Moment = "before" | "after";

/** Sits between a function and the HTTP servers that it calls, and ends the function at a chosen call. */
export class Tripwire {
  readonly #servers: Server[] = [];
  #armed: { left: number; readonly moment: Moment; readonly kill: () => Promise<void> } | undefined;

  /** @returns a URL that forwards to the server at `url` */
  async through(url: string): Promise<string> {
    const server = createServer((request, response) => {
      this.#relay(new URL(url), request, response).catch(() => request.socket.destroy());
    });
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Kills the caller at the nth call from now on, 1 being the next. */
  arm(nth: number, moment: Moment, kill: () => Promise<void>): void {
    this.#armed = { left: nth, moment, kill };
  }

  /** @returns whether it killed the caller */
  disarm(): boolean {
    const tripped = this.#armed?.left === 0;
    this.#armed = undefined;
    return tripped;
  }

  stop(): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  async #relay(target: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const armed = this.#armed;
    if (armed && armed.left > 0) armed.left -= 1;
    const isLast = armed?.left === 0;
    if (isLast && armed.moment === "before") return armed.kill();
    const { hostname, port } = target;
    const { method, url: path, headers } = request;
    const outgoing = send({ hostname, port, method, path, headers }).end(body);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    const answer = await buffer(incoming);
    if (isLast) return armed.kill();
    response.writeHead(incoming.statusCode ?? 502, incoming.headers).end(answer);
  }
}
