import { buffer } from "node:stream/consumers";
import { forward, type HttpServer, serve } from "./http";

/** One call of Secrets Manager and its answer, as sent. */
export interface Exchange {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** A proxy to the Secrets Manager endpoint that shows what passes. */
export function startTap(endpointUrl: string, onExchange: (exchange: Exchange) => void): Promise<HttpServer> {
  return serve((incoming, response) => {
    const pass = async (): Promise<void> => {
      const input = await buffer(incoming);
      const { status, headers, body } = await forward(incoming, input, endpointUrl);
      onExchange({
        operation: String(incoming.headers["x-amz-target"]).replace(/^secretsmanager\./, ""),
        input: parse(input),
        status,
        answer: parse(body),
      });
      response.writeHead(status, headers).end(body);
    };
    pass().catch(() => response.destroy());
  });
}

function parse(body: Buffer): Record<string, unknown> {
  return JSON.parse(body.toString()) as Record<string, unknown>;
}
