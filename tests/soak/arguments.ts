import { parseArgs } from "node:util";
import { readWholeNumber } from "../../command-line";

export interface SoakArguments {
  readonly minutes: number;
  /** For both secrets together. */
  readonly rotationsPerMinute: number;
  readonly seed: number;
}

export const usage = `npm run soak [-- --minutes M --rotations-per-minute R --seed S]

Two todo services, one for each strategy, answer requests while their credentials rotate. Faults happen one after the
other: in Secrets Manager, PostgreSQL, the network and the functions. Checks that nobody is ever locked out, that every
rotation succeeds in the end, that a request fails only if a fault ended its database session, and that neither memory
nor connections grow.

--minutes M                how long (default: 1, at most 1440)
--rotations-per-minute R   for both secrets together (default: 12, at most 60)
--seed S                   which faults, and when (default: 1); the same seed gives the same ones
--help                     prints this

Exit status: 0 when every promise was kept, 1 when one was broken, 2 for a wrong option.`;

export function parseSoakArguments(args: string[]): SoakArguments {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: "string", default: "1" },
      "rotations-per-minute": { type: "string", default: "12" },
      seed: { type: "string", default: "1" },
    },
  });
  return {
    minutes: readWholeNumber("--minutes", values.minutes, 1, 1440),
    rotationsPerMinute: readWholeNumber("--rotations-per-minute", values["rotations-per-minute"], 1, 60),
    seed: readWholeNumber("--seed", values.seed, 0, 2 ** 31 - 1),
  };
}
