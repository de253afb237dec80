import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { type ComparedClient, injectedCredential, singleRetry } from "./clients";

/*
 * A todo service for comparison, in a separate process: lists and adds todos as the real one does, with a database
 * client written in a common way. Started as `server.ts NAME`, on PORT of 127.0.0.1.
 */

const clients: Readonly<Record<string, (env: NodeJS.ProcessEnv) => ComparedClient | Promise<ComparedClient>>> = {
  "injected-credential": injectedCredential,
  "single-retry": singleRetry,
};

async function answer(request: IncomingMessage, client: ComparedClient): Promise<unknown> {
  if (request.method !== "POST") {
    return (await client.query("select * from todos order by created_at desc, id desc limit 11", [])).rows;
  }
  const { title } = (await json(request)) as { readonly title: string };
  const insert = "insert into todos (id, title) values ($1, $2) on conflict (id) do update set id = excluded.id";
  await client.query(insert, [request.headers["idempotency-key"], title]);
  return { title };
}

async function main([name = ""]: readonly string[]): Promise<void> {
  const client = await clients[name]?.(process.env);
  if (!client) throw new Error(`client: received "${name}"; accepted is ${Object.keys(clients).join(" or ")}`);
  const server = createServer((request, response) => {
    answer(request, client).then(
      (body) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
      (error: unknown) => {
        const { code = "unknown" } = error as { readonly code?: string };
        console.log(JSON.stringify({ msg: "request failed", code }));
        response.writeHead(500).end();
      },
    );
  });
  server.listen(Number(process.env.PORT ?? 0), "127.0.0.1");
  await once(server, "listening");
  console.log(JSON.stringify({ msg: `listening on http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
  process.once("SIGTERM", () => {
    console.log(JSON.stringify({ msg: "shut down" }));
    process.exit(0);
  });
}

void main(process.argv.slice(2));
