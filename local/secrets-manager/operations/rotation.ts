import type { LocalFunction } from "../../lambda";
import { ApiError, invalidParameter, invalidRequest } from "../api-error";
import type { Input } from "../input";
import { readRotationRules } from "../rotation-rules";
import type { Rotator } from "../rotator";
import { currentStage, pendingStage } from "../secret";
import type { SecretStore } from "../secret-store";
import { readToken } from "./values";

/** The functions that Secrets Manager may invoke, by ARN. */
export type Functions = ReadonlyMap<string, LocalFunction>;

export function rotateSecret(store: SecretStore, rotator: Rotator, functions: Functions, input: Input) {
  const token = readToken(input, invalidParameter);
  const secret = store.findUsable(input.string("SecretId"));
  const answer = { ARN: secret.arn, Name: secret.name, VersionId: token };
  const givenRules = input.optionalObject("RotationRules");
  const rules = givenRules ? readRotationRules(givenRules) : secret.rotation?.rules;
  const lambdaArn = input.optionalString("RotationLambdaARN") ?? secret.rotation?.lambdaArn;
  if (lambdaArn === undefined) throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
  const fn = findFunction(functions, lambdaArn);
  if (secret.isRotationIncomplete()) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
  // A repeated request: the version that it asked for exists, and its rotation has run.
  if (secret.version(token)) return answer;
  secret.rotation = { enabled: true, lambdaArn, rules, configuredDate: store.now() };
  const immediately = input.optionalBoolean("RotateImmediately") ?? true;
  const value = immediately ? undefined : secret.holderOf(currentStage)?.value;
  secret.addVersion(token, store.now(), value, [pendingStage]);
  if (immediately) rotator.rotate(secret, fn, token);
  else rotator.test(secret, fn, token);
  return answer;
}

export function cancelRotateSecret(store: SecretStore, input: Input) {
  const secret = store.findUsable(input.string("SecretId"));
  const { rotation } = secret;
  if (!rotation) throw invalidRequest("You can't cancel the rotation of a secret that rotation was never enabled for.");
  secret.rotation = { ...rotation, enabled: false };
  return { ARN: secret.arn, Name: secret.name, VersionId: secret.holderOf(pendingStage)?.id };
}

function findFunction(functions: Functions, arn: string): LocalFunction {
  const fn = functions.get(arn);
  if (!fn) {
    throw new ApiError(
      "AccessDeniedException",
      "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.",
    );
  }
  return fn;
}
