import { setTimeout as sleep } from "node:timers/promises";
import { logsIn } from "../../demo/login";
import type { Cleanup } from "../../demo/cleanup";
import type { PostgresServer } from "../../local/postgres";
import type { SecretsManagerServer, StepReport } from "../../local/secrets-manager";
import { createStack, type RotationStrategy, type Stack } from "../../local/stack";
import { startTodoApp, type TodoApp } from "../../local/todo-app";
import type { Wire } from "../support/faults/wire";
import { rotationFunctions } from "../support/processes";
import { Memory, probeOptions } from "./memory";
import { parseFailure, Requests } from "./requests";

interface SubjectOptions {
  readonly postgres: PostgresServer;
  readonly secretsManager: SecretsManagerServer;
  readonly wire: Wire;
  readonly strategy: RotationStrategy;
  readonly cleanup: Cleanup;
}

/** This many requests per session cause about ten new logins a second, so that each service meets every rotation. */
const requestsPerSession = 10;
/** A rotation that begins while Secrets Manager is down is requested again; the longest fault takes less than this. */
const maxAsks = 100;
const pauseMs = 200;

/** One secret with its functions and its service, and their results. */
export class Subject {
  readonly requests = new Requests();
  readonly serviceMemory: Memory;
  readonly stepErrors: string[] = [];
  rotations = 0;
  /** Rotations with a failed step that succeeded by a later try. */
  healed = 0;
  readonly complaints: string[] = [];

  private constructor(
    readonly strategy: RotationStrategy,
    readonly stack: Stack,
    readonly app: TodoApp,
    /** Of the rotation function, when it started. */
    readonly functionPid: number,
    readonly functionMemory: Memory,
    private readonly postgres: PostgresServer,
    private readonly database: string,
  ) {
    this.serviceMemory = new Memory(`the service (${strategy})`);
  }

  /** All of it reaches PostgreSQL over the wire; this program does not. */
  static async start({ postgres, secretsManager, wire, strategy, cleanup }: SubjectOptions): Promise<Subject> {
    const suffix = strategy.replaceAll("-", "_");
    const database = `tododb_${suffix}`;
    await postgres.createDatabase(database);
    const functionMemory = new Memory(`the function (${strategy})`);
    const stack = await cleanup.add(
      await createStack({
        environment: { NODE_OPTIONS: probeOptions },
        onLog: (line) => {
          functionMemory.noteLine(line);
        },
        ...{ secretsManager, strategy, database, username: `todo_${suffix}`, ownerRole: `todo_owner_${suffix}` },
        postgres: { ...postgres, port: wire.port },
      }),
    );
    const { functionError, payload } = await stack.bootstrap();
    if (functionError !== undefined) throw new Error(`bootstrap: ${JSON.stringify(payload)}`);
    await stack.bootstrapFunction.stop();
    const others = new Set(rotationFunctions());
    const first = await stack.rotate();
    if (!first.succeeded) throw new Error(`the first rotation: ${first.error ?? ""}`);
    const functionPid = rotationFunctions().find((pid) => !others.has(pid)) ?? 0;
    let subject: Subject | undefined = undefined;
    const app = await startTodoApp({
      environment: {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpointUrl,
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        DATABASE_CONNECTION_MAX_USES: `${requestsPerSession}`,
        DATABASE_SECRET_ARN: stack.secretArn,
        NODE_OPTIONS: probeOptions,
        PGSSLROOTCERT: postgres.caFile,
      },
      onLog: (line) => subject?.noteLog(line),
    });
    await cleanup.add({ stop: async () => void (await app.stop()) });
    subject = new Subject(strategy, stack, app, functionPid, functionMemory, postgres, database);
    return subject;
  }

  noteLog(line: string): void {
    this.serviceMemory.noteLine(line);
    const failure = parseFailure(line);
    if (failure) this.requests.failures.push(failure);
  }

  noteStep({ secretArn, step, error }: StepReport): void {
    if (secretArn === this.stack.secretArn && error !== undefined) {
      this.stepErrors.push(`${step}: ${error.slice(0, error.indexOf(":"))}`);
    }
  }

  /** Rotates once, with as many attempts as needed. */
  async rotate(): Promise<void> {
    const failedSteps = this.stepErrors.length;
    for (let asks = 1; ; asks++) {
      try {
        const { succeeded, error = "" } = await this.stack.rotate();
        if (!succeeded) this.complaints.push(`${this.strategy}: a rotation failed for good: ${error}`);
        break;
      } catch (error) {
        if (asks === maxAsks) throw error;
        await sleep(pauseMs);
      }
    }
    this.rotations += 1;
    if (this.stepErrors.length > failedSteps) this.healed += 1;
  }

  /**
   * Whether a client can log in: with AWSCURRENT, or between a single user's set and finish with AWSPENDING.
   *
   * @returns undefined when this cannot be determined, because PostgreSQL or Secrets Manager is down at the moment
   */
  async isOpen(): Promise<boolean | undefined> {
    try {
      for (let looks = 1; looks <= 5; looks++) {
        for (const stage of ["AWSCURRENT", "AWSPENDING"] as const) {
          const value = await this.stack.readValue(stage).catch((error: unknown) => {
            if ((error as Error).name === "ResourceNotFoundException") return undefined; // no rotation is running
            throw error;
          });
          const { username, password } = value ?? {};
          const credential = { username: String(username), password: String(password), dbname: this.database };
          if (value && (await logsIn(this.postgres, credential))) return true;
        }
        await sleep(pauseMs); // a rotation may have ended between two checks
      }
      return false;
    } catch {
      return undefined;
    }
  }
}
