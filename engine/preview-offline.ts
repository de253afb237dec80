import { join } from "node:path";
import { parseArgs } from "node:util";
import { ArgumentError, readSetting, runCommand } from "../command-line";
import { renderCounts, renderTree } from "./graph";
import { checkProgram, type ProgramRun, type StartProgram } from "./program";
import { listStacks } from "./stack-config";

const root = join(__dirname, "..");
const usage = `npm run preview:offline -- <environment> [--config key=value]… [--json]

Shows what the Pulumi program registers, without AWS, an account or the Pulumi CLI.
It compares with no deployed state: it is not \`pulumi preview\`.

environment     ${listStacks(root).join(", ")}
--config        sets a configuration value, over Pulumi.<environment>.yaml; may be repeated
--json          one JSON object {environment, resources, outputs} instead of the tree

Exit code: 0 registered, 1 refused, 2 wrong arguments`;

interface Arguments {
  readonly environment: string;
  readonly overrides: ReadonlyMap<string, string>;
  readonly json: boolean;
}

function parse(args: string[]): Arguments {
  const options = { config: { type: "string", multiple: true }, json: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [environment, ...rest] = positionals;
  if (environment === undefined || rest.length > 0) {
    throw new ArgumentError("environment", positionals.join(" "), `one of ${listStacks(root).join(", ")}`);
  }
  const overrides = (values.config ?? []).map((pair) => readSetting("--config", pair));
  return { environment, overrides: new Map(overrides), json: values.json ?? false };
}

function render({ environment, json }: Arguments, { resources, outputs, placeholders }: ProgramRun): string {
  if (json) {
    const keys = ["urn", "type", "name", "parent", "custom", "protect", "retainOnDelete", "inputs"] as const;
    const shown = resources.map((resource) => Object.fromEntries(keys.map((key) => [key, resource[key]])));
    return JSON.stringify({ environment, resources: shown, outputs }, undefined, 2);
  }
  const outputLines = Object.entries(outputs).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
  return [
    renderTree(resources),
    `\n${resources.length} resources\n${renderCounts(resources)}`,
    `\nOutputs, with stand-ins for what AWS decides\n${outputLines.sort().join("\n")}`,
    ...placeholders.map((key) => `\n${key} is still a placeholder: pulumi preview and pulumi up refuse it.`),
    "\nThis is what the program registers. It is not `pulumi preview`: it read no state, no provider and no account.",
  ].join("\n");
}

/** Where the command writes, one line at a time. */
export interface Streams {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/**
 * @param startProgram as runProgram's
 * @returns the exit code
 */
export function previewOffline(args: string[], streams: Streams, startProgram?: StartProgram): Promise<number> {
  return runCommand(args, { usage, parse, run: (parsed) => preview(parsed, streams, startProgram), ...streams });
}

async function preview(
  parsed: Arguments,
  { write, writeError }: Streams,
  startProgram?: StartProgram,
): Promise<number> {
  try {
    const run = await checkProgram({ root, stack: parsed.environment, overrides: parsed.overrides }, startProgram);
    if (run.exitCode !== 0 || run.findings.length > 0) {
      writeError([run.log.trim(), ...run.findings].filter((text) => text !== "").join("\n"));
      return 1;
    }
    write(render(parsed, run));
    return 0;
  } catch (error) {
    writeError((error as Error).message);
    return 1;
  }
}

if (require.main === module) {
  const streams = { write: console.log, writeError: console.error };
  void previewOffline(process.argv.slice(2), streams).then((exitCode) => (process.exitCode = exitCode));
}
