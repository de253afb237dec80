import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { exitCodes, Failure } from "./failure";
import { MissingPulumiError, requirePulumi } from "./pulumi";

/** The outputs of index.ts that commands read. */
export const outputNames = ["databaseSecretArn", "databaseSecretArns", "serviceClusterName", "serviceName"] as const;

/** Those that are a single text. */
export type OutputName = Exclude<(typeof outputNames)[number], "databaseSecretArns">;

const project = join(__dirname, "..");
const timeoutMs = 60_000;

/**
 * Reads a stack's outputs through the Pulumi CLI, with the user's own Pulumi login. None of them is a credential, so
 * `--show-secrets` is never given.
 *
 * @throws Failure (notFound) without the CLI, the stack, or one of the outputs
 */
export async function readStackOutputs<Name extends OutputName>(
  stack: string,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const outputs = parse(stack, await runPulumi(stack));
  return Object.fromEntries(names.map((name) => [name, readOutput(stack, outputs, name)])) as Record<Name, string>;
}

/** A user of the database, and its secret. */
export interface UserSecret {
  readonly user: string;
  readonly secretArn: string;
  /** Whether it is the service's own. */
  readonly isOwn: boolean;
}

/**
 * The users of a stack.
 *
 * @throws Failure as readStackOutputs
 */
export async function readUserSecrets(stack: string): Promise<UserSecret[]> {
  const outputs = parse(stack, await runPulumi(stack));
  const own = readOutput(stack, outputs, "databaseSecretArn");
  const { databaseSecretArns } = outputs;
  if (typeof databaseSecretArns !== "object" || databaseSecretArns === null)
    throw noOutput(stack, outputs, "databaseSecretArns");
  return Object.entries(databaseSecretArns as Record<string, string>).map(([user, secretArn]) => ({
    ...{ user, secretArn },
    isOwn: secretArn === own,
  }));
}

async function runPulumi(stack: string): Promise<string> {
  const args = ["stack", "output", "--json", "--non-interactive", "--stack", stack];
  const cli = await findCli();
  try {
    const { stdout } = await promisify(execFile)(cli, args, { cwd: project, timeout: timeoutMs });
    return stdout;
  } catch (error) {
    const { stderr = "", killed } = error as { stderr?: string; killed?: boolean };
    const reason = killed ? `no answer within ${timeoutMs / 1000} s` : stderr.trim();
    const message = `The Pulumi CLI cannot read the outputs of stack ${stack}: ${reason}`;
    throw new Failure(
      exitCodes.notFound,
      message,
      "`pulumi stack ls` lists the stacks; `pulumi whoami` shows who is logged in.",
    );
  }
}

async function findCli(): Promise<string> {
  try {
    return await requirePulumi();
  } catch (error) {
    if (!(error instanceof MissingPulumiError)) throw error;
    throw new Failure(exitCodes.notFound, error.message, "Or name the secret with --secret-id.", { cause: error });
  }
}

function parse(stack: string, stdout: string): Record<string, unknown> {
  try {
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch (cause) {
    const message = `The Pulumi CLI did not answer with JSON for stack ${stack}.`;
    throw new Failure(exitCodes.notFound, message, `Try \`pulumi stack output --json --stack ${stack}\`.`, { cause });
  }
}

function readOutput(stack: string, outputs: Record<string, unknown>, name: OutputName): string {
  const value = outputs[name];
  if (typeof value === "string" && value !== "") return value;
  throw noOutput(stack, outputs, name);
}

function noOutput(stack: string, outputs: Record<string, unknown>, name: string): Failure {
  const received = Object.keys(outputs).join(", ");
  const message = `Stack ${stack} has no output ${name}; its outputs: ${received === "" ? "none" : received}.`;
  return new Failure(exitCodes.notFound, message, `\`pulumi up --stack ${stack}\` creates the missing outputs.`);
}
