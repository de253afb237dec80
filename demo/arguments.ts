import { parseArgs } from "node:util";
import type { RotationStrategy } from "../local/stack";

export type DemoStrategy = RotationStrategy | "api-key";

export interface DemoArguments {
  /** For a database credential, or only "api-key". */
  readonly strategies: readonly DemoStrategy[];
  readonly rotations: number;
  /** Database users, each with a secret of its own. */
  readonly users: number;
  /** Where the todo service listens; 0 is any free port. */
  readonly port: number;
  readonly quick: boolean;
  readonly keep: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export class UsageError extends Error {}

const databaseStrategies: readonly RotationStrategy[] = ["single-user", "alternating-users"];
const maxRotations = 100;
const maxUsers = 10;

export const helpText = `Rotates a real PostgreSQL credential, by the very bundle that Lambda runs, and does so again under load.

usage: npm run demo [-- options]

  --strategy NAME   single-user, alternating-users, both, or api-key     (default: both)
  --rotations N     of each strategy, without load and again under load  (default: 5, at most ${maxRotations})
  --users N         of the database, each with a secret of its own       (default: 1, at most ${maxUsers})
  --port N          where the todo service listens, 0 for any free port  (default: 8080)
  --quick           less time between the rotations under load: done in under 30 s
  --keep            leave the todo service running at the end, with a rotation every few seconds, until Ctrl-C
  --json            print one JSON object and nothing else
  --help            print this

It starts PostgreSQL and a Secrets Manager endpoint on this machine, lets the bundle make roles, schema and the first
secret, and rotates through RotateSecret. After each rotation it proves that the new credential logs in, that the old
one is refused (single-user) or logs in until its turn (alternating-users), and that no password and no rotation token
stands in any log. Then it rotates as often again while the todo service is under load, beside two services that get
their credential in other ways:
  injected-credential   reads it once, at start, as ECS injects it
  single-retry          reads it again when it is refused, and retries once, at once
With several users, one function rotates each user's credential in turn; the service is the first user.
It writes what happened into demo-report.html. Nothing else is left behind.

--strategy api-key rotates the key of an HTTP service that it starts, without PostgreSQL, load, page and report, and
proves that the service takes the new key and refuses the old one.

--json prints
  {ok, strategies: [{strategy, users, rotations, secretsManagerCallsPerRotation, loginsPerRotation, failedLogins,
                     medianRotationMs, requests, failedRequests, p50Ms, p99Ms,
                     clients: [{client, requests, failedRequests, p50Ms, p99Ms}]}]}
  rotations: those without load that succeeded, of all users; the calls and logins are theirs, the most that one rotation's function
  made; failedLogins: of all of them together. requests and what follows: of the todo service under load, which is the
  first of the clients too (api-key has none of it, and its logins are requests to the service); latencies are those of the requests that succeeded. npm prints a banner of its own: use
  \`npm run --silent demo -- --json\`.

Exit status: 0 when every promise was kept (no request of the todo service failed is one), 1 when one was broken, 2 for
a wrong option.
`;

/** @throws UsageError that says what was received and what is accepted */
export function parseDemoArguments(args: readonly string[]): DemoArguments {
  const values = parseOptions(args);
  if (values.keep && values.json) throw new UsageError("--keep: received with --json; accepted is only one of the two");
  const strategies = readStrategies(values.strategy);
  if (values.keep && strategies.includes("api-key")) {
    throw new UsageError("--keep: received with --strategy api-key; accepted is a strategy for a database credential");
  }
  const users = readWholeNumber("--users", values.users, { from: 1, to: maxUsers });
  if (users > 1 && strategies.includes("api-key")) {
    throw new UsageError("--users: received with --strategy api-key; accepted is a strategy for a database credential");
  }
  return {
    ...values,
    strategies,
    users,
    rotations: readWholeNumber("--rotations", values.rotations, { from: 1, to: maxRotations }),
    port: readWholeNumber("--port", values.port, { from: 0, to: 65_535 }),
  };
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        strategy: { type: "string", default: "both" },
        rotations: { type: "string", default: "5" },
        users: { type: "string", default: "1" },
        port: { type: "string", default: "8080" },
        quick: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readStrategies(value: string): readonly DemoStrategy[] {
  if (value === "both") return databaseStrategies;
  const names: readonly DemoStrategy[] = [...databaseStrategies, "api-key"];
  const strategy = names.find((name) => name === value);
  if (strategy) return [strategy];
  throw new UsageError(`--strategy: received "${value}"; accepted is ${names.join(", ")} or both`);
}

function readWholeNumber(option: string, value: string, range: { readonly from: number; readonly to: number }): number {
  const number = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (number >= range.from && number <= range.to) return number;
  throw new UsageError(`${option}: received "${value}"; accepted is a whole number from ${range.from} to ${range.to}`);
}
