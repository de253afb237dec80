import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/**
 * A TCP port that nothing listens on at the moment, on IPv4 and IPv6, because `localhost` may mean either. Another
 * process may take it before it is used.
 */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0); // the unspecified address: both families if the machine has both
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
