import {
  InvalidEventError,
  RotationDisabledError,
  UnexpectedSecretError,
  UnknownStepError,
  VersionNotFoundError,
  VersionNotPendingError,
} from "./errors";
import type { SecretDescription } from "./secret-store";
import type { ConfiguredSecret, ConfiguredSecrets } from "./strategies";
import { noCurrentVersion, readCurrentText, type Rotation, type Strategy } from "./strategy";

/**
 * What Secrets Manager sends.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export interface RotationEvent {
  readonly Step: Step;
  /** The secret's full ARN. */
  readonly SecretId: string;
  /** The VersionId of the candidate. */
  readonly ClientRequestToken: string;
  /** Proves to Secrets Manager that a call belongs to the rotation. As sensitive as a password. */
  readonly RotationToken?: string;
}

export type Step = (typeof steps)[number];

const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

/**
 * Reads the event, and looks up how its secret is rotated.
 *
 * @throws InvalidEventError, UnknownStepError, UnexpectedSecretError; no message holds the event
 */
export function parseRotationEvent(
  event: unknown,
  { secrets, secretVariable }: ConfiguredSecrets,
): { readonly event: RotationEvent; readonly configured: ConfiguredSecret } {
  const fields = (typeof event === "object" && event !== null ? event : {}) as Record<string, unknown>;
  const read = (field: string): string => {
    const value = fields[field];
    if (typeof value === "string" && value !== "") return value;
    throw new InvalidEventError(field, value === undefined ? "nothing" : `a ${typeof value}`, "a string");
  };
  const received = read("Step");
  const step = steps.find((name) => name === received);
  if (step === undefined) throw new UnknownStepError("Step", `"${received.slice(0, 64)}"`, steps.join(", "));
  const secretId = read("SecretId");
  const configured = secrets.get(secretId);
  if (configured === undefined) {
    const accepted = `a secret of ${secretVariable}, ${[...secrets.keys()].map((arn) => `"${arn}"`).join(" or ")}`;
    throw new UnexpectedSecretError("SecretId", `"${secretId}"`, accepted);
  }
  return {
    configured,
    event: {
      Step: step,
      SecretId: secretId,
      ClientRequestToken: read("ClientRequestToken"),
      ...(typeof fields.RotationToken === "string" && { RotationToken: fields.RotationToken }),
    },
  };
}

/**
 * Runs one step of a rotation. When a step fails, Secrets Manager repeats the whole rotation with the same token, so
 * each step does nothing if its work is already done.
 *
 * @throws RotationError and the contract's errors
 */
export async function runStep(event: RotationEvent, rotation: Rotation, strategy: Strategy): Promise<void> {
  const description = await rotation.store.describe();
  if (guard(description, rotation) === "already current") {
    rotation.info("this version is AWSCURRENT already");
    return;
  }
  switch (event.Step) {
    case "createSecret":
      return createSecret(rotation, strategy, event.RotationToken);
    case "setSecret":
      return strategy.setSecret(rotation);
    case "testSecret":
      return strategy.testSecret(rotation);
    case "finishSecret":
      return finishSecret(rotation, description);
  }
}

function guard(
  { rotationEnabled, versionStages }: SecretDescription,
  { store, versionId }: Rotation,
): "go on" | "already current" {
  if (rotationEnabled === false) {
    const accepted = "true: RotateSecret enables it";
    throw new RotationDisabledError(`RotationEnabled of ${store.secretArn}`, "false", accepted);
  }
  // The token comes from the event: one like "constructor" must not find an inherited property.
  const stages = Object.hasOwn(versionStages, versionId) ? versionStages[versionId] : undefined;
  if (stages === undefined) {
    const accepted = `a version of ${store.secretArn}`;
    throw new VersionNotFoundError("ClientRequestToken", `"${versionId}", not staged`, accepted);
  }
  if (stages.includes("AWSCURRENT")) return "already current";
  if (!stages.includes("AWSPENDING")) {
    const received = `version "${versionId}" labelled ${stages.join(", ")}`;
    throw new VersionNotPendingError("ClientRequestToken", received, "the version labelled AWSPENDING");
  }
  return "go on";
}

async function createSecret(rotation: Rotation, strategy: Strategy, rotationToken?: string): Promise<void> {
  const { store, versionId, info } = rotation;
  const text = await strategy.createValue(rotation, await readCurrentText(store));
  const created = await store.putPending(versionId, text, rotationToken);
  if (!created) info("the pending value exists already and is kept");
}

async function finishSecret({ store, versionId, info }: Rotation, { versionStages }: SecretDescription): Promise<void> {
  const current = Object.entries(versionStages).find(([, stages]) => stages.includes("AWSCURRENT"));
  if (!current) throw noCurrentVersion(store.secretArn);
  await store.makeCurrent(versionId, current[0]);
  info("AWSCURRENT moved");
}
