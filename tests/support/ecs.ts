import { text } from "node:stream/consumers";
import { serve } from "./http";

/** One deployment as ECS describes it, as far as it is read here. */
export interface Deployment {
  readonly id: string;
  readonly status: "PRIMARY" | "ACTIVE";
  readonly rolloutState?: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly rolloutStateReason?: string;
  readonly desiredCount?: number;
  readonly runningCount?: number;
  readonly failedTasks?: number;
}

export interface EcsServer {
  readonly endpointUrl: string;
  /** Operation and input of every call, in order. */
  readonly calls: readonly { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }[];
  readonly stop: () => Promise<void>;
}

/** What DescribeServices answers, one look after the other; the last answer repeats. Or the error of every call. */
export type EcsBehaviour =
  | { readonly looks: readonly (readonly Deployment[])[]; readonly lastEvent?: string }
  | { readonly error: string };

export const oldDeployment: Deployment = { id: "ecs-svc/old", status: "ACTIVE", runningCount: 1, desiredCount: 0 };
export const newDeployment: Deployment = {
  ...{ id: "ecs-svc/new", status: "PRIMARY", rolloutState: "IN_PROGRESS" },
  ...{ runningCount: 0, desiredCount: 1 },
};

/** As much of the ECS endpoint as a forced deployment needs, for the unmodified AWS SDK. */
export async function startEcs(behaviour: EcsBehaviour): Promise<EcsServer> {
  const calls: { operation: string; input: Record<string, unknown> }[] = [];
  let looks = 0;

  const answer = (operation: string): object => {
    if ("error" in behaviour) return { __type: behaviour.error, message: `${behaviour.error} of the test` };
    const serviceName = "todo";
    if (operation === "UpdateService") return { service: { serviceName, deployments: [newDeployment, oldDeployment] } };
    const deployments = behaviour.looks[Math.min(looks++, behaviour.looks.length - 1)];
    return { services: [{ serviceName, deployments, events: [{ message: behaviour.lastEvent }] }] };
  };

  const { url, stop } = await serve((request, response) => {
    void text(request).then((body) => {
      const operation = String(request.headers["x-amz-target"]).replace(/^AmazonEC2ContainerServiceV20141113\./, "");
      calls.push({ operation, input: JSON.parse(body) as Record<string, unknown> });
      response.writeHead("error" in behaviour ? 400 : 200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answer(operation)));
    });
  });
  return { endpointUrl: url, calls, stop };
}
