import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Checks, before anything is started, that the todo service can listen on the port.
 *
 * @throws Error that says what to do
 */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    const { code = "an error" } = error as NodeJS.ErrnoException;
    throw new Error(
      `--port: received ${port}, where nobody can listen (${code}); accepted is a free port, or 0 for any`,
      { cause: error },
    );
  }
  server.close();
  await once(server, "close");
}
