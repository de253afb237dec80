import { parseArgs } from "node:util";
import type { RotationStrategy } from "../stack";

export interface DemoArguments {
  readonly strategies: readonly RotationStrategy[];
  readonly rotations: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** What was typed is not what the command takes. */
export class UsageError extends Error {}

const strategies: readonly RotationStrategy[] = ["single-user", "alternating-users"];
const maxRotations = 100;

export const helpText = `Rotates a real PostgreSQL credential, by the very bundle that Lambda runs.

usage: npm run demo [-- options]

  --strategy NAME   single-user, alternating-users or both   (default: both)
  --rotations N     rotations of each strategy, 1 to ${maxRotations}      (default: 5)
  --json            print one JSON object and nothing else
  --help            print this

It starts PostgreSQL and a Secrets Manager endpoint on this machine, lets the bundle make roles, schema and the first
secret, and rotates through RotateSecret. After each rotation it proves that the new credential logs in, that the old
one is refused (single-user) or logs in until its turn (alternating-users), and that no password and no rotation token
stands in any log. Nothing is left behind.

--json prints
  {ok, strategies: [{strategy, rotations, secretsManagerCallsPerRotation, loginsPerRotation, failedLogins,
                     medianRotationMs}]}
  rotations: those that succeeded. Calls and logins: the most that one rotation's function made. failedLogins: of all
  rotations together. npm prints a banner of its own: use \`npm run --silent demo -- --json\`.

Exit status: 0 when every promise was kept, 1 when one was broken, 2 for a wrong option.
`;

/** @throws UsageError that says what was received and what is accepted */
export function parseDemoArguments(args: readonly string[]): DemoArguments {
  const values = parseOptions(args);
  return {
    strategies: readStrategies(values.strategy),
    rotations: readRotations(values.rotations),
    json: values.json,
    help: values.help,
  };
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        strategy: { type: "string", default: "both" },
        rotations: { type: "string", default: "5" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readStrategies(value: string): readonly RotationStrategy[] {
  if (value === "both") return strategies;
  const strategy = strategies.find((name) => name === value);
  if (strategy) return [strategy];
  throw new UsageError(`--strategy: received "${value}"; accepted is ${strategies.join(", ")} or both`);
}

function readRotations(value: string): number {
  const rotations = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (rotations >= 1 && rotations <= maxRotations) return rotations;
  throw new UsageError(`--rotations: received "${value}"; accepted is a whole number from 1 to ${maxRotations}`);
}
