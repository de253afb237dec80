import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { startFront, type Front } from "./front";
import { requestCertificate, resetMoto } from "./moto";

describe("what stands between the lifecycle and moto", () => {
  const opened: { close: () => unknown }[] = [];

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    opened.push({
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  async function front(url: string): Promise<Front> {
    const one = await startFront(url);
    opened.push(one);
    return one;
  }
  const target = (name: string) => ({ method: "POST", body: "{}", headers: { "x-amz-target": name } });

  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
  });

  it("makes a subnet group anew that moto forgets when it is modified, and only then", async () => {
    const bodies: string[] = [];
    const moto = await serve((request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        response.writeHead(body.includes("refused") ? 400 : 200).end(body);
      });
    });
    const { url } = await front(moto);
    const modify = "Action=ModifyDBSubnetGroup&DBSubnetGroupName=";
    const response = await fetch(url, { method: "POST", body: `${modify}a` });
    assert.equal(await response.text(), `${modify}a`);
    await fetch(url, { method: "POST", body: `${modify}refused` });
    await fetch(url, { method: "POST", body: "Action=ModifyDBCluster&" });
    const created = "Action=CreateDBSubnetGroup&DBSubnetGroupName=a";
    assert.deepEqual(bodies, [`${modify}a`, created, `${modify}refused`, "Action=ModifyDBCluster&"]);
  });

  it("answers the validation of a state machine, which moto cannot", async () => {
    const { url } = await front(await serve((_, response) => response.writeHead(500).end()));
    const response = await fetch(url, target("AWSStepFunctions.ValidateStateMachineDefinition"));
    assert.deepEqual([response.status, await response.json()], [200, { result: "OK", diagnostics: [] }]);
    assert.equal((await fetch(url, target("AWSStepFunctions.CreateStateMachine"))).status, 500);
  });

  it("passes everything else on, both ways", async () => {
    const echo: RequestListener = (request, response) => {
      response.writeHead(201, { "x-path": `${request.method ?? ""} ${request.url ?? ""}` });
      request.pipe(response);
    };
    const { url } = await front(await serve(echo));
    const response = await fetch(`${url}/bucket/key?acl`, { method: "PUT", body: "content" });
    const seen = [response.status, response.headers.get("x-path"), await response.text()];
    assert.deepEqual(seen, [201, "PUT /bucket/key?acl", "content"]);
  });

  it("says that nothing answers, or something that is not moto", async () => {
    const url = await serve((_, response) => response.writeHead(404).end("{}"));
    await assert.rejects(resetMoto(url), /is not moto\. --help says how to start it/);
    await assert.rejects(requestCertificate(url), /made no certificate/);
    for (const one of opened.splice(0)) one.close();
    await assert.rejects(resetMoto(url), /No moto answers at http:.* --help says how to start it/);
  });
});
