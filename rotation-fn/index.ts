import { Logger } from "@aws-lambda-powertools/logger";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Context } from "aws-lambda";
import { bootstrap as runBootstrap, type BootstrapResult } from "./bootstrap";
import { parseBootstrapInput } from "./bootstrap/input";
import { RotationError } from "./errors";
import { measureStep, publishMetrics, secretNameOf } from "./metrics";
import { type AgeReport, reportAges } from "./report-age";
import { parseRotationEvent, runStep } from "./rotate";
import { SecretStore } from "./secret-store";
import { readDatabaseSecrets, readSettings } from "./settings";
import { type ConfiguredSecrets, readStrategies } from "./strategies";

/*
 * The functions' entry points. They log selected fields only: never the event (it holds the rotation token), SQL, or
 * the text of a driver's error.
 */

const logger = new Logger({ serviceName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? "todo-rotation" });

/** An endpoint that a security group blocks never answers, and by default the SDK waits forever. */
const client = new SecretsManagerClient({
  cacheMiddleware: true, // the middleware of a command is put together once, not for each call
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
});

const openSecret = (secretArn: string) => new SecretStore(client, secretArn);

/**
 * Read when the bundle is imported, since Lambda gives the import a full vCPU and an invocation only the share that its
 * memory buys: Lambda's file of certificate authorities takes longer to parse than a login.
 */
let secrets = readIfComplete();

function readIfComplete(): ConfiguredSecrets | undefined {
  try {
    return readStrategies(process.env, openSecret);
  } catch {
    return undefined; // rotate reads again, and reports what is wrong to its caller; the other functions need less
  }
}

/** One of the four steps of a rotation, as Secrets Manager invokes it. Answers with nothing. */
export async function rotate(event: unknown, context: Context): Promise<void> {
  await logged(context, async () => {
    secrets ??= readStrategies(process.env, openSecret);
    const { event: rotationEvent, configured } = parseRotationEvent(event, secrets);
    const { Step: step, SecretId: secretArn, ClientRequestToken: versionId } = rotationEvent;
    logger.appendKeys({ step, secretArn, versionId, strategy: configured.name });
    const rotation = {
      store: openSecret(secretArn),
      versionId,
      remainingTimeMs: () => context.getRemainingTimeInMillis(),
      info: (message: string) => {
        logger.info(message);
      },
    };
    await measureStep(rotationEvent, () => runStep(rotationEvent, rotation, configured.strategy));
  });
}

/** Invoked by `pulumi up`: input BootstrapInput, answer BootstrapResult. */
export async function bootstrap(event: unknown, context: Context): Promise<BootstrapResult> {
  return logged(context, async () => {
    const settings = readSettings(process.env);
    const { secrets: entries, superuserSecretArn } = settings;
    const input = parseBootstrapInput(event);
    const secretArns = entries.map(({ secretArn }) => secretArn);
    logger.appendKeys({ secretArns, host: input.host, users: entries.map(({ username }) => username) });
    const result = await runBootstrap(input, {
      openSecret,
      superuserStore: superuserSecretArn === undefined ? undefined : openSecret(superuserSecretArn),
      settings,
      remainingTimeMs: () => context.getRemainingTimeInMillis(),
    });
    logger.info("bootstrapped", { result });
    return result;
  });
}

/**
 * Invoked once a day: publishes the age of each secret's last rotation, and answers with what it published, by the
 * secret's name.
 */
export async function reportAge(_event: unknown, context: Context): Promise<Readonly<Record<string, AgeReport>>> {
  return logged(context, async () => {
    const stores = readDatabaseSecrets(process.env).map(({ secretArn }) => openSecret(secretArn));
    logger.appendKeys({ secretArns: stores.map(({ secretArn }) => secretArn) });
    const reports: [string, AgeReport][] = [];
    await reportAges(stores, new Date(), ({ secretArn }, report) => {
      publishMetrics(report, { SecretName: secretNameOf(secretArn) });
      reports.push([secretNameOf(secretArn), report]);
    });
    return Object.fromEntries(reports);
  });
}

/** Runs one invocation and logs how it ended: one line with its outcome and duration, whatever happens. */
async function logged<T>(context: Context, run: () => Promise<T>): Promise<T> {
  logger.resetKeys();
  logger.addContext(context);
  const startedAt = Date.now();
  try {
    const result = await run();
    logger.info("succeeded", { durationMs: Date.now() - startedAt });
    return result;
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown";
    const details =
      error instanceof RotationError ? { field: error.field, received: error.received, accepted: error.accepted } : {};
    logger.error("failed", { durationMs: Date.now() - startedAt, errorType: name, ...details });
    throw error;
  }
}
