import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { forward, type HttpServer, serve } from "./http";

/** Before the server's work, or after all of it, when the answer is on its way. */
export type Moment = "before" | "after";

/** Sits between a function and the HTTP servers that it calls, and ends the function at a chosen call. */
export class Tripwire {
  readonly #servers: HttpServer[] = [];
  #armed: { left: number; readonly moment: Moment; readonly kill: () => Promise<void> } | undefined;

  /** @returns a URL that forwards to the server at `url` */
  async through(url: string): Promise<string> {
    const server = await serve((request, response) => {
      this.#relay(url, request, response).catch(() => request.socket.destroy());
    });
    this.#servers.push(server);
    return server.url;
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

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async #relay(target: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const input = await buffer(request);
    const armed = this.#armed;
    if (armed && armed.left > 0) armed.left -= 1;
    const isLast = armed?.left === 0;
    if (isLast && armed.moment === "before") return armed.kill();
    const { status, headers, body } = await forward(request, input, target);
    if (isLast) return armed.kill();
    response.writeHead(status, headers).end(body);
  }
}
