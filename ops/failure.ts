/** What `npm run ops` exits with; `--help` and docs/runbook.md list the same. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  access: 4,
  refused: 5,
  failed: 6,
  attention: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Why a command ended without doing what it was asked to: what happened, what to try, and the exit code. */
export class Failure extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    /** What to try next; a sentence or a command. */
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "Failure";
  }
}
