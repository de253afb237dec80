import { ApiError } from "./api-error";

/** Makes Secrets Manager slow, refusing or down, for some of the calls that come next. */
export interface Fault {
  /** Which operation it befalls, such as "GetSecretValue". @default every operation */
  readonly operation?: string;
  /** How many calls it befalls. @default every call until clearFaults() */
  readonly times?: number;
  /** How long the call waits before anything else happens to it. */
  readonly delayMs?: number;
  /** The call fails with this exception, such as "ThrottlingException"; InternalServiceError is HTTP 500. */
  readonly error?: string;
  /** The connection is cut without an answer. */
  readonly down?: boolean;
}

/** The faults that are still to happen, the oldest first. */
export class Faults {
  #waiting: { readonly fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that befalls this call; it is then used up once. */
  take(operation: string): Fault | undefined {
    const found = this.#waiting.find(({ fault }) => (fault.operation ?? operation) === operation);
    if (!found) return undefined;
    found.left -= 1;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return found.fault;
  }
}

export function errorOf(type: string): ApiError {
  return new ApiError(type, `${type}, injected into the local endpoint`, type === "InternalServiceError" ? 500 : 400);
}
