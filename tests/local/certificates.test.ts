import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server } from "node:tls";
import { createServerCertificate, type ServerCertificate } from "../../local/certificates";

describe("createServerCertificate", () => {
  let certificate: ServerCertificate;
  let server: Server;

  before(async () => {
    certificate = await createServerCertificate();
    server = createServer({ cert: certificate.certificate, key: certificate.key }, (socket) => socket.end());
    await once(server.listen(0, "127.0.0.1"), "listening");
  });

  after(() => server.close());

  async function handshake(ca: string, name: string): Promise<boolean> {
    const { port } = server.address() as AddressInfo;
    const servername = name === "127.0.0.1" ? {} : { servername: name };
    const socket = connect({ host: "127.0.0.1", port, ca, ...servername });
    await once(socket, "secureConnect");
    socket.destroy();
    return socket.authorized;
  }

  for (const name of ["localhost", "127.0.0.1"]) {
    it(`creates a certificate that verifies fully for ${name}`, async () => {
      assert.equal(await handshake(certificate.ca, name), true);
    });
  }

  it("creates a certificate for no other name", async () => {
    await assert.rejects(handshake(certificate.ca, "db.example.com"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  it("creates another authority at each call", async () => {
    const other = await createServerCertificate();
    await assert.rejects(handshake(other.ca, "localhost"), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  });
});
