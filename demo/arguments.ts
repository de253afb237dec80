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

export const helpText = `Rotates a real PostgreSQL credential with the bundle that Lambda runs, first without load, then under load.

usage: npm run demo [-- options]

  --strategy NAME   single-user, alternating-users, both, or api-key     (default: both)
  --rotations N     of each strategy, without load and again under load  (default: 5, at most ${maxRotations})
  --users N         of the database, each with a secret of its own       (default: 1, at most ${maxUsers})
  --port N          where the todo service listens, 0 for any free port  (default: 8080)
  --quick           less time between the rotations under load: done in under 30 s
  --keep            leave the todo service running at the end, with a rotation every few seconds, until Ctrl-C
  --json            print one JSON object and nothing else
  --help            print this

It starts PostgreSQL and a Secrets Manager endpoint on this machine, creates the roles, the schema and the first secret
with the bundle, and rotates through RotateSecret. After each rotation it checks that the new credential logs in, that
the old one is refused (single-user) or logs in until its turn (alternating-users), and that no log contains a password
or a rotation token. Then it rotates as often again while the todo service is under load, next to two services that get
their credential in other ways:
  injected-credential   reads it once at start, as ECS injects it
  single-retry          reads it again when it is refused, and retries once
With several users, one function rotates each user's credential in turn; the service is the first user.
It writes the results to demo-report.html, and leaves nothing else behind.

--strategy api-key rotates the key of an HTTP service that it starts, without PostgreSQL, load, page and report, and
checks that the service accepts the new key and refuses the old one.

--json prints
  {ok, strategies: [{strategy, users, rotations, secretsManagerCallsPerRotation, loginsPerRotation, failedLogins,
                     medianRotationMs, requests, failedRequests, p50Ms, p99Ms,
                     clients: [{client, requests, failedRequests, p50Ms, p99Ms}]}]}
  rotations          without load, that succeeded, of all users
  …PerRotation       the most of any of these rotations
  failedLogins       of all these rotations
  requests, …        of the todo service under load, which is also the first of the clients; latencies are those of the
                     requests that succeeded. With api-key there are none, and its logins are requests to the service.
npm prints a banner of its own: use \`npm run --silent demo -- --json\`.

Exit status: 0 when every promise was kept (one is that no request of the todo service fails), 1 when one was broken,
2 for a wrong option.
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
