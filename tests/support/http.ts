import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface HttpServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function serve(listener: RequestListener): Promise<HttpServer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a request on to another server, with this body, and waits for the whole answer. */
export async function forward(
  { method, headers, url = "/" }: IncomingMessage,
  body: Buffer,
  endpointUrl: string,
): Promise<Answer> {
  const outgoing = request(new URL(url, endpointUrl), { method, headers }).end(body);
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await buffer(answer) };
}
