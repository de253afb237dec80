import { runbook } from "../contract/runbook";
import { exitCodes, type ExitCode, Failure } from "./failure";

/** The names of errors that the AWS SDK throws, by what they mean for the caller. */
const kinds: readonly { readonly names: readonly string[]; readonly exitCode: ExitCode; readonly remedy: string }[] = [
  {
    names: [
      ...["CredentialsProviderError", "TokenProviderError", "ExpiredToken", "ExpiredTokenException"],
      ...["UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException"],
    ],
    exitCode: exitCodes.access,
    remedy: "Log in (`aws sso login`), or set AWS_PROFILE; `aws sts get-caller-identity` says who you are.",
  },
  {
    names: ["AccessDeniedException", "AccessDenied", "DecryptionFailure"],
    exitCode: exitCodes.access,
    remedy: `${runbook("permissions")} lists the actions that each command needs.`,
  },
  {
    names: ["ResourceNotFoundException"],
    exitCode: exitCodes.notFound,
    remedy:
      "Check the name and the region; `aws secretsmanager list-secrets --include-planned-deletion` lists the secrets.",
  },
  {
    names: ["ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException"],
    exitCode: exitCodes.notFound,
    remedy:
      "Check the cluster, the service and the region; `aws ecs list-services --cluster <cluster>` lists the services.",
  },
  {
    names: ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "TimeoutError"],
    exitCode: exitCodes.notFound,
    remedy: "Check --region, --endpoint-url and the network.",
  },
  {
    names: ["InvalidRequestException", "InvalidParameterException"],
    exitCode: exitCodes.refused,
    remedy: "`npm run ops -- status` shows the state of the secret.",
  },
];

/**
 * Turns whatever an AWS client threw into a Failure. AWS's own messages name resources and permissions, never a value.
 *
 * @param what the request, as in "DescribeSecret of todo-rotation/dev/database/todo"
 */
export function failureOf(error: unknown, what: string): Failure {
  if (error instanceof Failure) return error;
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  const reason = [name, message].filter((part) => part !== undefined && part !== "").join(": ");
  if (message === "Region is missing") {
    return new Failure(exitCodes.usage, `${what}: no region is set.`, "Give --region, or set AWS_REGION.");
  }
  const kind = kinds.find(({ names }) => names.includes(name ?? "") || names.includes(code ?? ""));
  const remedy = kind?.remedy ?? "Try again. If it fails again, report this message.";
  return new Failure(kind?.exitCode ?? exitCodes.unexpected, `${what}: ${reason || String(error)}`, remedy, {
    cause: error,
  });
}

/** Sends, and throws what comes back as a Failure. */
export async function ask<T>(what: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw failureOf(error, what);
  }
}
