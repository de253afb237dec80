import { spawn } from "node:child_process";
import { devNull } from "node:os";
import { join } from "node:path";
import type { LocalFunction } from "../../local/lambda";
import type { RotationStep } from "../../local/secrets-manager";
import type { SecretsManagerForTests } from "./secrets-manager";

export interface OpsResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OpsOptions {
  /** In addition to an environment without AWS credentials, region or profile. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with all of stderr so far whenever it grows. */
  readonly onProgress?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void;
}

const root = join(__dirname, "..", "..");

/** Runs `npm run ops -- …` in a separate process, without npm and without a terminal. */
export async function runOps(args: readonly string[], options: OpsOptions = {}): Promise<OpsResult> {
  const child = spawn(process.execPath, ["--require", "tsx/cjs", join("ops", "index.ts"), ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      NODE_NO_WARNINGS: "1", // the SDK's, on the Node version that it will drop
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: "true",
      ...options.environment,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    options.onProgress?.(stderr, (signal) => child.kill(signal));
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  return { exitCode, stdout, stderr };
}

/**
 * A rotation function that runs in the test's own process and has no database.
 *
 * @param beforeStep awaited before each step; if it throws, the step fails
 */
export function rotationFunction(
  { server, client }: SecretsManagerForTests,
  beforeStep: (step: RotationStep) => Promise<unknown> = () => Promise.resolve(),
): LocalFunction {
  const fn: LocalFunction = {
    name: "example",
    arn: "arn:aws:lambda:us-east-1:123456789012:function:example",
    logs: [],
    stop: () => Promise.resolve(),
    async invoke(event) {
      const { Step, SecretId, ClientRequestToken } = event as Record<"SecretId" | "ClientRequestToken", string> & {
        Step: RotationStep;
      };
      await beforeStep(Step);
      if (Step === "createSecret") {
        const version = { SecretId, ClientRequestToken, VersionStages: ["AWSPENDING"] };
        await client.putSecretValue({ ...version, SecretString: "example-password-2" });
      }
      if (Step === "finishSecret") {
        const { VersionIdsToStages = {} } = await client.describeSecret({ SecretId });
        const [current] = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes("AWSCURRENT")) ?? [];
        const move = { MoveToVersionId: ClientRequestToken, RemoveFromVersionId: current };
        await client.updateSecretVersionStage({ SecretId, VersionStage: "AWSCURRENT", ...move });
      }
      return { payload: null };
    },
  };
  server.registerFunction(fn);
  return fn;
}
