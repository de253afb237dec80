import { spawn } from "node:child_process";
import { devNull } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { LocalFunction } from "../../local/lambda";
import type { RotationStep } from "../../local/secrets-manager";
import { runOpsCommand } from "../../ops/commands";
import type { SecretsManagerForTests } from "./secrets-manager";

export interface OpsResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OpsOptions {
  /** In addition to an environment without AWS credentials, region or profile. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with all of stderr so far whenever it grows. `interrupt` is a Ctrl-C. */
  readonly onProgress?: (stderr: string, interrupt: () => void) => void;
}

const root = join(__dirname, "..", "..");

const cleanEnvironment = {
  PATH: process.env.PATH,
  NODE_NO_WARNINGS: "1", // the SDK's, on the Node version that it will drop
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: "true",
};

/** Runs a command of `npm run ops` in this process, without a terminal. */
export async function runOps(args: readonly string[], options: OpsOptions = {}): Promise<OpsResult> {
  const interruption = new AbortController();
  let stdout = "";
  let stderr = "";
  const streams = {
    stdin: Readable.from([]),
    stdout: writable((text) => (stdout += text)),
    stderr: writable((text) => {
      stderr += text;
      options.onProgress?.(stderr, () => {
        interruption.abort();
      });
    }),
  };
  const { env } = process;
  process.env = { ...cleanEnvironment, ...options.environment };
  try {
    return { exitCode: await runOpsCommand(args, streams, interruption.signal), stdout, stderr };
  } finally {
    process.env = env;
  }
}

function writable(write: (text: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      write(String(chunk));
      done();
    },
  });
}

/** Runs `npm run ops -- …` as a process, without npm. The signal is sent when stderr ends with the text. */
export async function runOpsProcess(
  args: readonly string[],
  sent?: { readonly signal: NodeJS.Signals; readonly after: RegExp },
): Promise<OpsResult> {
  const child = spawn(process.execPath, ["--require", "./tsx.cjs", join("ops", "index.ts"), ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: cleanEnvironment,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    if (sent?.after.test(stderr)) child.kill(sent.signal);
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
