import { type Deployment, DescribeServicesCommand, ECSClient, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { runbook } from "../contract/runbook";
import { ask } from "./aws-failure";
import type { Command } from "./command-line";
import { exitCodes, Failure } from "./failure";
import { findService, type ServiceTarget } from "./target";
import { pollDelayMs } from "./terminal";

const defaultTimeoutSeconds = 900;

/** Restarts every task, for a service that reads its credential only at start, and waits until the new tasks serve. */
export const redeploy: Command = async (commandLine, terminal) => {
  const service = new Service(await findService(commandLine));
  const deploymentId = await service.forceDeployment();
  terminal.progress(`started deployment ${deploymentId} of ${service.name}`);
  const goesOn = {
    message: `Deployment ${deploymentId} continues in AWS.`,
    remedy: `${service.describeCommand} shows it.`,
  };
  const { timeoutSeconds = defaultTimeoutSeconds } = commandLine;
  const startedAt = Date.now();
  let told = "";
  for (let looks = 0; ; looks++) {
    const { deployments, lastEvent } = await service.describe();
    const deployment = deployments.find(({ id }) => id === deploymentId);
    if (deployment?.rolloutState === "COMPLETED") break;
    // The circuit breaker rolls back to the old deployment, which is then stable: being stable alone proves nothing.
    if (!deployment || deployment.rolloutState === "FAILED") throw service.failed(deploymentId, deployment, lastEvent);
    if (Date.now() - startedAt > timeoutSeconds * 1000) throw service.notStable(timeoutSeconds, deployment, lastEvent);
    const line = progressOf(deployment, deployments);
    if (line !== told) terminal.progress(line);
    told = line;
    await terminal.pause(pollDelayMs(looks), goesOn);
  }
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
  terminal.result(`Every task of ${service.name} is new, after ${seconds} s.`, {
    service: service.name,
    deploymentId,
    seconds,
  });
  return exitCodes.done;
};

interface ServiceState {
  readonly deployments: readonly Deployment[];
  readonly lastEvent: string;
}

/** The calls on one ECS service. Each throws a Failure. */
class Service {
  readonly name: string;
  readonly describeCommand: string;
  private readonly client: ECSClient;
  private readonly cluster: string;

  constructor({ cluster, service, clientConfig }: ServiceTarget) {
    this.name = service;
    this.cluster = cluster;
    this.client = new ECSClient(clientConfig);
    this.describeCommand = `aws ecs describe-services --cluster ${cluster} --services ${service}`;
  }

  /** @returns the new deployment's id */
  async forceDeployment(): Promise<string> {
    const command = new UpdateServiceCommand({ cluster: this.cluster, service: this.name, forceNewDeployment: true });
    const { service } = await ask(`UpdateService of ${this.name}`, () => this.client.send(command));
    const id = service?.deployments?.find(({ status }) => status === "PRIMARY")?.id;
    if (id !== undefined) return id;
    const message = `UpdateService of ${this.name} answered without a deployment.`;
    throw new Failure(exitCodes.unexpected, message, this.describeCommand);
  }

  async describe(): Promise<ServiceState> {
    const command = new DescribeServicesCommand({ cluster: this.cluster, services: [this.name] });
    const { services = [] } = await ask(`DescribeServices of ${this.name}`, () => this.client.send(command));
    return { deployments: services[0]?.deployments ?? [], lastEvent: services[0]?.events?.[0]?.message ?? "none" };
  }

  failed(deploymentId: string, deployment: Deployment | undefined, lastEvent: string): Failure {
    const reason = deployment?.rolloutStateReason ?? "another deployment took its place";
    const message = `Deployment ${deploymentId} of ${this.name} failed: ${reason}. Last event: ${lastEvent}`;
    return new Failure(
      exitCodes.failed,
      message,
      `The old tasks keep running. ${runbook("no-running-task")}; ${this.describeCommand}`,
    );
  }

  notStable(timeoutSeconds: number, { failedTasks = 0 }: Deployment, lastEvent: string): Failure {
    const message = `${this.name} is not stable after ${timeoutSeconds} s; ${failedTasks} tasks failed. Last event: ${lastEvent}`;
    const remedy = `ECS continues, and rolls back if the deployment fails. ${runbook("no-running-task")}; ${this.describeCommand}`;
    return new Failure(exitCodes.failed, message, remedy);
  }
}

function progressOf(
  { id, runningCount = 0, desiredCount = 0 }: Deployment,
  deployments: readonly Deployment[],
): string {
  const old = deployments.filter((one) => one.id !== id).reduce((sum, one) => sum + (one.runningCount ?? 0), 0);
  return `new tasks: ${runningCount} of ${desiredCount}, old tasks: ${old}`;
}
