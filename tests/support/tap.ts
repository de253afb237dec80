import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** One call of Secrets Manager and its answer, as sent. */
export interface Exchange {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** A proxy to the Secrets Manager endpoint that shows what passes. */
export interface Tap {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startTap(endpointUrl: string, onExchange: (exchange: Exchange) => void): Promise<Tap> {
  const server = createServer((incoming, response) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(incoming);
      const { method = "POST", headers, url = "/" } = incoming;
      const outgoing = send(new URL(url, endpointUrl), { method, headers });
      outgoing.end(body);
      const [answer] = (await once(outgoing, "response")) as [typeof incoming];
      const answered = await buffer(answer);
      const { statusCode: status = 0 } = answer;
      onExchange({
        operation: String(headers["x-amz-target"]).replace(/^secretsmanager\./, ""),
        input: parse(body),
        status,
        answer: parse(answered),
      });
      response.writeHead(status, answer.headers).end(answered);
    };
    pass().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function parse(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>;
}
