import autocannon from "autocannon";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadMessage, LoadOptions, LoadTarget, Sample } from "./load";

/*
 * The load runs in a separate process, so that it and its targets do not wait for each other's event loop. It ends when
 * its parent ends or disconnects.
 */

const reportEveryMs = 100;
const timeoutSeconds = 10;
/**
 * autocannon sends a connection's share of a second in one go, hence many connections that begin one after the other.
 */
const requestsPerSecondAndConnection = 5;

const { targets, maxSeconds } = JSON.parse(process.argv[2] ?? "") as LoadOptions;
const samples: Record<string, Sample[]> = {};

function note(name: string, sample: Omit<Sample, "atMs">): void {
  (samples[name] ??= []).push({ atMs: Date.now(), ...sample });
}

/** Four lists and one addition: always the same todo, which is added only once. */
function startConnection({ name, url }: LoadTarget, todoId: string): void {
  const list = { method: "GET", path: "/api/todos?limit=10" } as const;
  const add = {
    method: "POST",
    path: "/api/todos",
    headers: { "content-type": "application/json", "idempotency-key": todoId },
    body: JSON.stringify({ title: `Added by the load on ${name}` }),
  } as const;
  const options = {
    ...{ url, connections: 1, overallRate: requestsPerSecondAndConnection, timeout: timeoutSeconds },
    ...{ duration: maxSeconds, requests: [list, list, list, list, add] },
  };
  const instance = autocannon(options, () => undefined); // its summary is not used: each response is reported
  instance.on("response", (_client, statusCode, _bytes, latencyMs) => {
    note(name, { succeeded: statusCode >= 200 && statusCode < 300, latencyMs });
  });
  instance.on("reqError", () => {
    note(name, { succeeded: false, latencyMs: timeoutSeconds * 1000 });
  });
}

async function main(): Promise<void> {
  process.on("disconnect", () => process.exit(0));
  setInterval(() => {
    // When the parent was killed, the send fails before "disconnect" is emitted.
    process.send?.(samples satisfies LoadMessage, undefined, undefined, (error) => {
      if (error) process.exit(0);
    });
    for (const name of Object.keys(samples)) samples[name] = [];
  }, reportEveryMs);
  await Promise.all(targets.map(startConnections));
}

async function startConnections(target: LoadTarget): Promise<void> {
  const connections = target.requestsPerSecond / requestsPerSecondAndConnection;
  const todoId = randomUUID();
  for (let number = 0; number < connections; number++) {
    startConnection(target, todoId);
    await sleep(1_000 / connections);
  }
}

void main();
