import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ArgumentError, readOneOf, readSetting } from "../../command-line";
import { listStacks, readProject } from "../../engine/stack-config";

export const root = join(__dirname, "../..");
export const defaultEndpointUrl = "http://127.0.0.1:5000";
/** As a value of certificateArn, existingNetwork and existingDatabase: use what is created in moto. */
export const madeInMoto = "moto";

export const usage = `npm run lifecycle -- <environment> [--project FOLDER] [--config key=value]… [--then key=value[,key=value…]]… [--state FILE] [--report FILE] [--record NAME]

Runs pulumi up, preview, export and destroy of one stack with the real Pulumi CLI and AWS provider against moto, an AWS
in memory. Checks what the engine did with each resource, and the exported state: it replaces nothing that holds data or
an address, deletes nothing before its replacement exists, finds no difference after an up, and the state has no missing
value and no credential.
Takes 6 to 12 minutes, and 1 more for each --then.

environment   ${listStacks(root).join(", ")}
--project     a folder with a Pulumi.yaml, as in examples/existing-aurora; default: this repository's
--config      sets a configuration value before the first up; may be repeated
              ${madeInMoto} as the value of certificateArn, existingNetwork or existingDatabase stands for what is made in moto
              beforehand; the stack must not change it
--then        changes values of the running stack, and runs preview, up and preview; may be repeated
--state       where to write the exported state; default: nowhere
--report      where to write what the engine did for each --then, as JSON; default: nowhere
--record      writes tests/recorded/NAME.json, which the engine in memory answers from. npm test fails when the program
              and a recording differ, and prints the command that renews it

It needs a Pulumi CLI, the plugins aws and awsx (the CLI downloads them where it can), and moto at AWS_ENDPOINT_URL,
default ${defaultEndpointUrl}. Everything in moto is deleted first:
  docker run --rm -p 5000:5000 -e MOTO_IAM_LOAD_MANAGED_POLICIES=true motoserver/moto
  or: pip install 'moto[server]' && MOTO_IAM_LOAD_MANAGED_POLICIES=true moto_server -p 5000

Exit code: 0 nothing is wrong, 1 a finding or a failure, 2 wrong arguments`;

/** Configuration key without namespace → value. */
export type Settings = Readonly<Record<string, string>>;

export interface Arguments {
  /** Relative to the repository's root. */
  readonly project: string;
  readonly environment: string;
  readonly config: Settings;
  readonly changes: readonly Settings[];
  readonly stateFile: string | undefined;
  readonly reportFile: string | undefined;
  /** Name of a file in tests/recorded, without its extension. */
  readonly recording: string | undefined;
}

export function parseArguments(args: string[]): Arguments {
  const options = {
    project: { type: "string", default: "." },
    config: { type: "string", multiple: true },
    then: { type: "string", multiple: true },
    state: { type: "string" },
    report: { type: "string" },
    record: { type: "string" },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { project } = values;
  const folder = join(root, project);
  if (!existsSync(join(folder, "Pulumi.yaml"))) {
    throw new ArgumentError("--project", project, "a folder of this repository with a Pulumi.yaml");
  }
  const environment = readOneOf("environment", positionals.join(" "), listStacks(folder));
  const keys = Object.keys(readProject(folder).config);
  return {
    project,
    environment,
    config: parseSettings("--config", values.config ?? [], keys),
    changes: (values.then ?? []).map((pairs) => parseSettings("--then", splitPairs(pairs), keys)),
    stateFile: values.state,
    reportFile: values.report,
    recording: parseRecording(values.record),
  };
}

function parseRecording(name: string | undefined): string | undefined {
  if (name === undefined || /^[a-z][a-z0-9-]*$/.test(name)) return name;
  throw new ArgumentError("--record", name, "a name of a-z, 0-9 and -, as in dev");
}

/** A comma without a `key=` after it belongs to the value, as in a cron expression. */
function splitPairs(pairs: string): string[] {
  return pairs.split(/,(?=[A-Za-z]+=)/);
}

function parseSettings(option: string, pairs: readonly string[], keys: readonly string[]): Settings {
  const settings = pairs.map((pair) => readSetting(option, pair));
  for (const [key] of settings) readOneOf(`the key of ${option}`, key, keys);
  return Object.fromEntries(settings);
}
