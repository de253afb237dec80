import { parseArgs } from "node:util";
import { readOneOf, readWholeNumber } from "../command-line";
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
}

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

export function parseDemoArguments(args: string[]): DemoArguments {
  const { values } = parseArgs({
    args,
    options: {
      strategy: { type: "string", default: "both" },
      rotations: { type: "string", default: "5" },
      users: { type: "string", default: "1" },
      port: { type: "string", default: "8080" },
      quick: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  if (values.keep && values.json) throw new Error("--keep: received with --json; accepted is only one of the two");
  const strategies = readStrategies(values.strategy);
  if (values.keep && strategies.includes("api-key")) {
    throw new Error("--keep: received with --strategy api-key; accepted is a strategy for a database credential");
  }
  const users = readWholeNumber("--users", values.users, 1, maxUsers);
  if (users > 1 && strategies.includes("api-key")) {
    throw new Error("--users: received with --strategy api-key; accepted is a strategy for a database credential");
  }
  return {
    ...values,
    strategies,
    users,
    rotations: readWholeNumber("--rotations", values.rotations, 1, maxRotations),
    port: readWholeNumber("--port", values.port, 0, 65_535),
  };
}

function readStrategies(value: string): readonly DemoStrategy[] {
  const strategy = readOneOf("--strategy", value, [...databaseStrategies, "api-key", "both"]);
  return strategy === "both" ? databaseStrategies : [strategy];
}
