import type { Sample } from "../../demo/load/load";
import { cuttingFaults, type FaultKind } from "./schedule";

/** A past fault, in milliseconds since 1970. */
export interface PastFault {
  readonly kind: FaultKind;
  readonly startMs: number;
  readonly endMs: number;
}

/** A failed request, as the service itself logged it. */
interface LoggedFailure {
  readonly atMs: number;
  /** For example "OutcomeUnknownError (SQLSTATE 57P01)". */
  readonly cause: string;
  /** Whether the reason is a session that ended. */
  readonly isCut: boolean;
}

/** A request that lost its session is tried again, and may be logged this much later. */
const aftermathMs = 5_000;

/** Reads a line of the service's log; undefined if it reports no failed request. */
export function parseFailure(line: string): LoggedFailure | undefined {
  const { level, time, errorType, received } = JSON.parse(line) as Record<string, unknown>;
  if (level !== 50 || typeof errorType !== "string") return undefined;
  const isCut = /^(SQLSTATE (57P0[123]|08\w{3})|ECONNRESET|ECONNREFUSED|EPIPE|a closed connection)/.test(
    String(received),
  );
  return { atMs: Date.parse(String(time)), cause: `${errorType} (${String(received)})`, isCut };
}

/** Requests of one service, and their outcomes. */
export class Requests {
  answered = 0;
  failed = 0;
  readonly failures: LoggedFailure[] = [];

  note(samples: readonly Sample[]): void {
    for (const { succeeded } of samples) {
      if (succeeded) this.answered += 1;
      else this.failed += 1;
    }
  }

  /** @returns complaints about the service; only requests cut by a killed session may have failed */
  complaints(faults: readonly PastFault[]): readonly string[] {
    const cuts = faults.filter(({ kind }) => cuttingFaults.includes(kind));
    const wasCut = ({ atMs, isCut }: LoggedFailure) =>
      isCut && cuts.some(({ startMs, endMs }) => atMs >= startMs && atMs <= endMs + aftermathMs);
    const others = this.failures.filter((failure) => !wasCut(failure));
    return [
      ...(this.answered === 0 ? ["no request was answered"] : []),
      ...(this.failed > this.failures.length
        ? [`${this.failed} requests failed, and the service knows of ${this.failures.length}`]
        : []),
      ...others.map(
        ({ cause, atMs }) => `a request failed at ${new Date(atMs).toISOString()}, cut by nothing: ${cause}`,
      ),
    ];
  }
}
