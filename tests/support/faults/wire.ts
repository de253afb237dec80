import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/**
 * What happens to the bytes. "reset": every connection ends with RST. "silent": nothing arrives any more in either
 * direction, not even the end of a connection, as when the peer has vanished. "garbage": any data is answered with this
 * text.
 */
export type WireFault = "none" | "reset" | "silent" | { readonly garbage: string } | { readonly delayMs: number };

/** A proxy, on a port of its own, to a port of 127.0.0.1. */
export interface Wire {
  readonly port: number;
  /** Also applies to open connections. */
  set(fault: WireFault): void;
  /** Ends every connection at both ends. */
  cut(): void;
  stop(): Promise<void>;
}

/** @param targetPort called at each connection, because a wire may exist before its target */
export async function startWire(targetPort: () => number): Promise<Wire> {
  let fault: WireFault = "none";
  const sockets = new Set<Socket>();

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  }

  function pass(from: Socket, to: Socket): void {
    from.on("data", (chunk) => {
      if (fault === "none") to.write(chunk);
      else if (typeof fault === "object" && "delayMs" in fault) setTimeout(() => to.write(chunk), fault.delayMs);
    });
    from.on("end", () => {
      if (fault !== "silent") to.end();
    });
    from.on("close", () => {
      if (fault !== "silent") to.destroy();
    });
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    keep(socket);
    if (fault === "reset") {
      socket.resetAndDestroy();
      return;
    }
    socket.on("data", () => {
      if (typeof fault === "object" && "garbage" in fault) socket.end(fault.garbage);
    });
    const target = connect({ port: targetPort(), host: "127.0.0.1", allowHalfOpen: true });
    keep(target);
    pass(socket, target);
    pass(target, socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      fault = next;
      if (next === "reset") for (const socket of sockets) socket.resetAndDestroy();
    },
    cut,
    async stop() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
