import { parseArgs } from "node:util";
import { type ExitCode, exitCodes, Failure } from "./failure";
import type { Terminal } from "./terminal";

export const commandNames = ["status", "rotate", "watch", "repair", "redeploy"] as const;

export type CommandName = (typeof commandNames)[number];

/** The command line, checked as far as possible without a call. */
export type CommandLine = Readonly<Exclude<ReturnType<typeof parseCommandLine>, "help">>;

/** @throws Failure */
export type Command = (commandLine: CommandLine, terminal: Terminal) => Promise<ExitCode>;

export const help = `Looks after the rotation of one secret. It never reads the secret's value.

Usage: npm run ops -- <command> (--stack <name> | --secret-id <name or ARN>) [options]

Commands
  status     shows versions, labels, ages, the next rotation and what needs attention, for one or all users of a stack
  rotate     starts a rotation and follows it to its end
  watch      follows the rotation under way, or waits for the next one and follows that
  repair     removes AWSPENDING from the version that a failed rotation left behind
  redeploy   restarts every task of the service and waits until the new ones serve

Options
  --stack <name>        reads what it needs from the outputs of this Pulumi stack
  --user <name>         with --stack: this user's secret; default: the service's own
  --secret-id <id>      the secret's name or ARN, where there is no stack
  --cluster <name>      with --service, for redeploy, where there is no stack
  --service <name>
  --region <region>     default: the region in the ARN, else the AWS SDK's own
  --endpoint-url <url>  a local endpoint; http:// gets example credentials, never real ones
  --timeout <seconds>   how long to follow; default: rotate 300, redeploy 900, watch without limit
  --html <file>         status --stack: also writes a page with all users of the stack
  --json                one JSON object on stdout; progress stays on stderr
  --yes                 repair without asking
  --help

Exit codes
  0    done; status: nothing needs attention
  1    unexpected error
  2    the command line is wrong
  3    no such stack, output, secret, service or region, or no answer from it
  4    no credentials, or not allowed
  5    refused: the state does not permit it, or nobody confirmed it
  6    failed, or did not end in time
  7    status: something needs attention
  130  interrupted; the message says what continues in AWS

docs/runbook.md says what to do when.`;

const longestTimeoutSeconds = 86_400;

/**
 * @param args as process.argv, without node and the script
 * @returns "help" where help was asked for
 * @throws Failure (usage)
 */
export function parseCommandLine(args: readonly string[]) {
  const { values, positionals } = readOptions(args);
  if (values.help) return "help";
  const [name, ...more] = positionals;
  const command = commandNames.find((one) => one === name);
  if (command === undefined || more.length > 0) {
    const received = name === undefined ? "nothing" : `"${positionals.join(" ")}"`;
    throw usage(`command: received ${received}`, `one of ${commandNames.join(", ")}`);
  }
  const commandLine = {
    command,
    stack: values.stack,
    user: values.user, // undefined: the service's own, or all of them if a command shows all
    secretId: values["secret-id"],
    cluster: values.cluster,
    service: values.service,
    region: values.region,
    endpointUrl: values["endpoint-url"],
    timeoutSeconds: readTimeout(values.timeout),
    html: values.html,
    json: values.json ?? false,
    yes: values.yes ?? false,
  };
  checkTarget(commandLine);
  return commandLine;
}

/** Whether JSON was asked for, even if the command line is otherwise wrong. */
export function wantsJson(args: readonly string[]): boolean {
  return args.includes("--json");
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        stack: { type: "string" },
        user: { type: "string" },
        "secret-id": { type: "string" },
        cluster: { type: "string" },
        service: { type: "string" },
        region: { type: "string" },
        "endpoint-url": { type: "string" },
        timeout: { type: "string" },
        html: { type: "string" },
        json: { type: "boolean" },
        yes: { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : "unknown options", "the options that --help lists");
  }
}

function checkTarget({ command, stack, user, secretId, cluster, service, endpointUrl, html }: CommandLine): void {
  if (html !== undefined && (html === "" || command !== "status" || stack === undefined || user !== undefined)) {
    throw usage(`--html: received "${html}"`, "the path of a file, with status --stack and without --user");
  }
  if (endpointUrl !== undefined && !/^https?:\/\/[^/]/.test(endpointUrl)) {
    throw usage(`--endpoint-url: received "${endpointUrl}"`, "a URL such as http://127.0.0.1:40123");
  }
  if (user !== undefined && (stack === undefined || command === "redeploy")) {
    throw usage(`--user: received "${user}"`, "a user together with --stack, with status, rotate, watch or repair");
  }
  if (command === "redeploy") {
    const isNamed = cluster !== undefined && service !== undefined;
    const isHalfNamed = (cluster ?? service ?? secretId) !== undefined;
    if (stack !== undefined ? isHalfNamed : !isNamed || secretId !== undefined) {
      throw usage("redeploy needs a service", "either --stack, or --cluster and --service");
    }
    return;
  }
  if ((cluster ?? service) !== undefined) {
    throw usage(`--cluster and --service: received with ${command}`, "redeploy, the only command for them");
  }
  if ((stack === undefined) === (secretId === undefined)) {
    throw usage(`${command} needs a secret`, "either --stack or --secret-id");
  }
  if (secretId !== undefined && (secretId === "" || /^arn:(?![^:]*:secretsmanager:)/.test(secretId))) {
    throw usage(`--secret-id: received "${secretId}"`, "the name or the ARN of a secret");
  }
}

function readTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= longestTimeoutSeconds) return seconds;
  throw usage(`--timeout: received "${text}"`, `whole seconds from 1 to ${longestTimeoutSeconds}`);
}

function usage(received: string, accepted: string): Failure {
  return new Failure(
    exitCodes.usage,
    `${received}; accepted is ${accepted}.`,
    "npm run ops -- --help lists the commands and options.",
  );
}
