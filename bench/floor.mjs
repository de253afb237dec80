/**
 * The least that a rotation could cost: raw HTTP requests over a kept connection, and raw logins with SCRAM-SHA-256
 * over TLS, one after another, in a process that waits for nothing else. With `sdk`, the AWS SDK makes the requests.
 * Plain JavaScript, because local/lambda/runtime.mjs runs it.
 */
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import process from "node:process";
import { createSecureContext } from "node:tls";
import pg from "pg";

const agent = new Agent({ keepAlive: true });
const secureContext = createSecureContext({ ca: readFileSync(process.env.PGSSLROOTCERT, "utf8") });

function describeSecret({ endpointUrl, secretArn }) {
  const body = JSON.stringify({ SecretId: secretArn });
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "secretsmanager.DescribeSecret",
    "content-length": Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(endpointUrl, { method: "POST", agent, headers }, (answer) => {
      answer.on("error", reject).on("end", resolve).resume();
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const client = new SecretsManagerClient({ cacheMiddleware: true });

async function logIn(login) {
  const client = new pg.Client({ ...login, ssl: { secureContext } });
  await client.connect();
  await client.end();
}

export async function floor({ requests, logins, login, sdk, ...endpoint }) {
  for (let number = 0; number < requests; number++) {
    if (sdk) await client.send(new DescribeSecretCommand({ SecretId: endpoint.secretArn }));
    else await describeSecret(endpoint);
  }
  for (let number = 0; number < logins; number++) await logIn(login);
}
