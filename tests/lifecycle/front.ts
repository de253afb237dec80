import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
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

export interface Front {
  readonly url: string;
  close(): void;
}

interface Message {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server in front of moto that does what moto cannot, and passes everything else on. */
export async function startFront(endpointUrl: string): Promise<Front> {
  const server = createServer((incoming, response) => {
    serve(endpointUrl, incoming, response).catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

async function serve(endpointUrl: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(incoming);
  const answer = answers[String(incoming.headers["x-amz-target"])];
  if (answer !== undefined) {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answer));
    return;
  }
  const { method = "GET", url = "/" } = incoming;
  const application = await answerApplications(endpointUrl, { method, url, body: body.toString("utf8") });
  if (application !== undefined) {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(application));
    return;
  }
  const passed = await pass(endpointUrl, incoming, body);
  const text = body.toString("latin1");
  if (text.startsWith(modifySubnetGroup) && passed.status === 200) {
    await pass(endpointUrl, incoming, Buffer.from(text.replace(modifySubnetGroup, createSubnetGroup), "latin1"));
  }
  if (text.startsWith(describeStacks)) {
    const stacks = addOutputs(passed.body.toString("utf8"));
    response.writeHead(passed.status, { "content-type": "text/xml" }).end(stacks);
    return;
  }
  response.writeHead(passed.status, passed.headers).end(passed.body);
}

function pass(endpointUrl: string, { method, headers, url = "/" }: IncomingMessage, body: Buffer): Promise<Message> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(url, endpointUrl), { method, headers }, (answer) => {
      buffer(answer).then((answered) => {
        resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: answered });
      }, reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
