import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { type HttpServer, serve } from "../support/http";
import { startFront } from "./front";
import { requestCertificate, resetMoto } from "./moto";

describe("the server between the lifecycle and moto", () => {
  const opened: HttpServer[] = [];

  /** The URL of a front of a server that stands for moto. */
  async function frontOf(listener: RequestListener): Promise<string> {
    const front = await startFront(await serveMoto(listener));
    opened.push(front);
    return front.url;
  }
  async function serveMoto(listener: RequestListener): Promise<string> {
    const moto = await serve(listener);
    opened.push(moto);
    return moto.url;
  }
  async function stopAll(): Promise<void> {
    await Promise.all(opened.splice(0).map((one) => one.stop()));
  }
  const target = (name: string) => ({ method: "POST", body: "{}", headers: { "x-amz-target": name } });

  afterEach(stopAll);

  it("creates a subnet group again only when moto forgets it on modification", async () => {
    const bodies: string[] = [];
    const url = await frontOf((request, response) => {
      void text(request).then((body) => {
        bodies.push(body);
        response.writeHead(body.includes("refused") ? 400 : 200).end(body);
      });
    });
    const modify = "Action=ModifyDBSubnetGroup&DBSubnetGroupName=";
    const response = await fetch(url, { method: "POST", body: `${modify}a` });
    assert.equal(await response.text(), `${modify}a`);
    await fetch(url, { method: "POST", body: `${modify}refused` });
    await fetch(url, { method: "POST", body: "Action=ModifyDBCluster&" });
    const created = "Action=CreateDBSubnetGroup&DBSubnetGroupName=a";
    assert.deepEqual(bodies, [`${modify}a`, created, `${modify}refused`, "Action=ModifyDBCluster&"]);
  });

  it("answers the validation of a state machine, which moto cannot", async () => {
    const url = await frontOf((_, response) => response.writeHead(500).end());
    const response = await fetch(url, target("AWSStepFunctions.ValidateStateMachineDefinition"));
    assert.deepEqual([response.status, await response.json()], [200, { result: "OK", diagnostics: [] }]);
    assert.equal((await fetch(url, target("AWSStepFunctions.CreateStateMachine"))).status, 500);
  });

  it("turns an application into a stack of moto's, with its output, and changes an existing stack", async () => {
    const asked: URLSearchParams[] = [];
    let exists = false;
    const url = await frontOf((request, response) => {
      void text(request).then((body) => {
        const fields = new URLSearchParams(body);
        asked.push(fields);
        const isDescribed = fields.get("Action") === "DescribeStacks";
        const parameter = "<ParameterKey>functionName</ParameterKey><ParameterValue>f</ParameterValue>";
        const stack = `<StackName>serverlessrepo-s</StackName><Parameters>${parameter}</Parameters>`;
        response.writeHead(isDescribed && !exists ? 400 : 200);
        response.end(isDescribed ? stack : "<Id>change-set</Id><StackId>stack</StackId>");
      });
    });
    const applicationId = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/A";
    const changeSets = `${url}/applications/${encodeURIComponent(applicationId)}/changesets`;
    const parameterOverrides = [{ name: "functionName", value: "f" }];
    for (const type of ["CREATE", "UPDATE"]) {
      const body = JSON.stringify({ stackName: "s", semanticVersion: "1.1.671", parameterOverrides });
      const answer: unknown = await (await fetch(changeSets, { method: "POST", body })).json();
      const expected = { applicationId, semanticVersion: "1.1.671", changeSetId: "change-set", stackId: "stack" };
      assert.deepEqual(answer, expected);
      const fields = asked.at(-1);
      assert.deepEqual(
        ["StackName", "ChangeSetType", "Parameters.member.1.ParameterValue"].map((field) => fields?.get(field)),
        ["serverlessrepo-s", type, "f"],
      );
      exists = true;
    }
    const described = await fetch(url, { method: "POST", body: "Action=DescribeStacks&StackName=s" });
    assert.match(await described.text(), /<OutputKey>RotationLambdaARN<.*:function:f</);
    const version = await fetch(`${url}/applications/${encodeURIComponent(applicationId)}?semanticVersion=1.1.671`);
    assert.match(await version.text(), /"semanticVersion":"1.1.671".*"name":"vpcSubnetIds"/);
  });

  it("passes everything else on, both ways", async () => {
    const url = await frontOf((request, response) => {
      response.writeHead(201, { "x-path": `${request.method ?? ""} ${request.url ?? ""}` });
      request.pipe(response);
    });
    const response = await fetch(`${url}/bucket/key?acl`, { method: "PUT", body: "content" });
    const seen = [response.status, response.headers.get("x-path"), await response.text()];
    assert.deepEqual(seen, [201, "PUT /bucket/key?acl", "content"]);
  });

  it("reports that nothing answers, or something other than moto", async () => {
    const url = await serveMoto((_, response) => response.writeHead(404).end("{}"));
    await assert.rejects(resetMoto(url), /is not moto\. --help says how to start it/);
    await assert.rejects(requestCertificate(url), /made no certificate/);
    await stopAll();
    await assert.rejects(resetMoto(url), /No moto answers at http:.* --help says how to start it/);
  });
});
