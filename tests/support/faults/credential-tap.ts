import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A way to the Secrets Manager endpoint that notes every credential that passes, whoever sends or gets it. */
export interface CredentialTap {
  readonly url: string;
  /** Passwords and rotation tokens → what each is. */
  readonly secrets: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

export async function startCredentialTap(endpointUrl: string): Promise<CredentialTap> {
  const secrets = new Map<string, string>();
  const note = (body: Buffer): void => {
    const { SecretString, RotationToken } = JSON.parse(body.toString()) as Record<string, string | undefined>;
    if (RotationToken !== undefined) secrets.set(RotationToken, "a rotation token");
    const [, password] = /"password":("(?:[^"\\]|\\.)*")/.exec(SecretString ?? "") ?? [];
    if (password !== undefined) secrets.set(JSON.parse(password) as string, "a password");
  };
  const server = createServer((incoming, response) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(incoming);
      note(body);
      const { method, headers, url = "/" } = incoming;
      const outgoing = send(new URL(url, endpointUrl), { method: method ?? "POST", headers });
      outgoing.end(body);
      const [answer] = (await once(outgoing, "response")) as [typeof incoming];
      const answered = await buffer(answer);
      note(answered);
      response.writeHead(answer.statusCode ?? 500, answer.headers).end(answered);
    };
    pass().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
