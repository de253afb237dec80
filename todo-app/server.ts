import { dirname, join } from "node:path";
import { pino } from "pino";
import { createApp } from "./app";
import { CredentialPool } from "../credential-pool";
import { secretsManagerSource } from "../credential-pool/secrets-manager";
import { environmentSource } from "./secret-source";
import { InvalidSettingError, readSettings } from "./settings";

/*
 * The process: environment, listening, signals, shutdown. It starts without the database and Secrets Manager, and calls
 * each only when the first request needs it.
 */

/** By default ECS kills a task 30 s after SIGTERM; this service is done in 10. */
const shutdownLimitMs = 9_500;

async function main(): Promise<void> {
  const logger = pino({ base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
  const settings = readSettings(process.env);
  const { credential, certificateAuthorities, connectionMaxUses } = settings;
  const readSecret =
    "secretArn" in credential ? secretsManagerSource(credential.secretArn) : environmentSource(credential.injectedText);
  const database = new CredentialPool({
    readSecret,
    certificateAuthorities,
    log: logger,
    maxUses: connectionMaxUses,
    application_name: "todo-app",
  });
  // Next to the program that was started: dist/todo-app/server.mjs has dist/todo-app/public.
  const app = createApp({ database, publicFolder: join(dirname(process.argv[1] ?? ""), "public"), logger });

  const shutDown = (signal: NodeJS.Signals): void => {
    logger.info({ signal }, "shutting down");
    setTimeout(() => {
      logger.error("shutdown took too long");
      process.exit(1);
    }, shutdownLimitMs).unref();
    void app
      .close()
      .then(() => database.end())
      .then(() => {
        logger.info("shut down");
        process.exit(0);
      });
  };
  process.once("SIGTERM", shutDown);
  process.once("SIGINT", shutDown);

  const { host, port } = settings;
  await app.listen({ host, port, listenTextResolver: (address) => `listening on ${address}` });
}

main().catch((error: unknown) => {
  const { message, code = "" } = error as NodeJS.ErrnoException;
  const reason = error instanceof InvalidSettingError || code !== "" ? message : String(error);
  console.error(JSON.stringify({ level: 60, msg: "the service could not start", reason }));
  process.exitCode = 1;
});
