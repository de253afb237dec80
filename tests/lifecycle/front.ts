import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { forward, type HttpServer, serve } from "../support/http";
import { addOutputs, answerApplications } from "./applications";

/** Operations that the provider calls for every state machine and that moto lacks, with AWS's answers. */
const answers: Readonly<Record<string, unknown>> = {
  "AWSStepFunctions.ValidateStateMachineDefinition": { result: "OK", diagnostics: [] },
  "AWSStepFunctions.ListStateMachineVersions": { stateMachineVersions: [] },
};
/**
 * moto answers it and forgets the group: https://github.com/getmoto/moto, moto/rds/models.py. It has to be created
 * again.
 */
const modifySubnetGroup = "Action=ModifyDBSubnetGroup&";
const createSubnetGroup = "Action=CreateDBSubnetGroup&";

const describeStacks = "Action=DescribeStacks&";

/** A server in front of moto that does what moto cannot, and passes everything else on. */
export function startFront(endpointUrl: string): Promise<HttpServer> {
  return serve((incoming, response) => {
    answer(endpointUrl, incoming, response).catch(() => response.writeHead(502).end());
  });
}

async function answer(endpointUrl: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(incoming);
  const known = answers[String(incoming.headers["x-amz-target"])];
  if (known !== undefined) {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(known));
    return;
  }
  const { method = "GET", url = "/" } = incoming;
  const application = await answerApplications(endpointUrl, { method, url, body: body.toString("utf8") });
  if (application !== undefined) {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(application));
    return;
  }
  const passed = await forward(incoming, body, endpointUrl);
  const text = body.toString("latin1");
  if (text.startsWith(modifySubnetGroup) && passed.status === 200) {
    await forward(incoming, Buffer.from(text.replace(modifySubnetGroup, createSubnetGroup), "latin1"), endpointUrl);
  }
  if (text.startsWith(describeStacks)) {
    const stacks = addOutputs(passed.body.toString("utf8"));
    response.writeHead(passed.status, { "content-type": "text/xml" }).end(stacks);
    return;
  }
  response.writeHead(passed.status, passed.headers).end(passed.body);
}
