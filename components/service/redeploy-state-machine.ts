import type { Input } from "@pulumi/pulumi";
import { runbook } from "../../contract/runbook";

export const redeploySection = "redeployment-failed";

const secondsBetweenChecks = 30;
/** Half an hour: ECS's circuit breaker needs less to give up on a deployment whose tasks do not start. */
const mostChecks = 60;

const retryCalls = [{ ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 5, MaxAttempts: 4, BackoffRate: 2 }];
const reportErrors = [
  {
    ErrorEquals: ["States.ALL"],
    Assign: {
      rolloutState: "{% $states.errorOutput.Error %}",
      reason: "{% $states.errorOutput.Cause & '' %}",
    },
    Next: "Report",
  },
];

/**
 * Starts a deployment of the service and follows that one: a service that was rolled back is stable too, but with the
 * old credential. In Amazon States Language, with queries in JSONata:
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function redeployDefinition({
  clusterName: Cluster,
  serviceName: Service,
  topicArn,
}: Readonly<Record<"clusterName" | "serviceName" | "topicArn", Input<string>>>) {
  return {
    Comment: "Starts the service's tasks anew with the current credential",
    QueryLanguage: "JSONata",
    StartAt: "StartDeployment",
    States: {
      StartDeployment: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:ecs:updateService",
        Arguments: { Cluster, Service, ForceNewDeployment: true },
        Assign: { deploymentId: "{% $states.result.Service.Deployments[Status = 'PRIMARY'].Id %}", checks: 0 },
        Retry: retryCalls,
        Catch: reportErrors,
        Next: "Wait",
      },
      Wait: { Type: "Wait", Seconds: secondsBetweenChecks, Next: "DescribeDeployment" },
      DescribeDeployment: {
        Type: "Task",
        Resource: "arn:aws:states:::aws-sdk:ecs:describeServices",
        Arguments: { Cluster, Services: [Service] },
        Assign: {
          checks: "{% $checks + 1 %}",
          rolloutState: `{% ${ownDeployment("RolloutState", "REPLACED")} %}`,
          reason: `{% ${ownDeployment("RolloutStateReason", "another deployment took its place")} %}`,
        },
        Retry: retryCalls,
        Catch: reportErrors,
        Next: "IsStable",
      },
      IsStable: {
        Type: "Choice",
        Choices: [
          { Condition: "{% $rolloutState = 'COMPLETED' %}", Next: "Stable" },
          { Condition: `{% $rolloutState = 'IN_PROGRESS' and $checks < ${mostChecks} %}`, Next: "Wait" },
        ],
        Default: "Report",
      },
      Stable: { Type: "Succeed" },
      Report: {
        Type: "Task",
        Resource: "arn:aws:states:::sns:publish",
        Arguments: {
          TopicArn: topicArn,
          Subject: "The service still runs with its old database credential",
          Message: `{% 'The credential changed, and the deployment that was to bring it to the service ended as ' & $rolloutState & ' after ' & ($checks ? $string($checks * ${secondsBetweenChecks}) : '0') & ' s: ' & $reason & '. What to do: ${runbook(redeploySection)}' %}`,
        },
        Retry: retryCalls,
        Next: "NotStable",
      },
      NotStable: { Type: "Fail", Error: "{% $rolloutState %}", Cause: "{% $reason %}" },
    },
  };
}

/** JSONata for a field of the deployment that was started; `otherwise` if ECS no longer has it. */
function ownDeployment(field: string, otherwise: string): string {
  const deployment = "$states.result.Services[0].Deployments[Id = $deploymentId]";
  return `$exists(${deployment}.${field}) ? ${deployment}.${field} : '${otherwise}'`;
}
