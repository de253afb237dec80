import { ApiError } from "./api-error";

/** Makes Secrets Manager slow or unavailable, or makes it refuse, for some of the next calls. */
export interface Fault {
  /** The affected operation, for example "GetSecretValue". @default every operation */
  readonly operation?: string;
  /** How many calls are affected. @default every call until clearFaults() */
  readonly times?: number;
  /** How long the call waits before anything else happens to it. */
  readonly delayMs?: number;
  /** The call fails with this exception, for example "ThrottlingException"; InternalServiceError is HTTP 500. */
  readonly error?: string;
  /** The connection is cut without an answer. */
  readonly down?: boolean;
}

/** The faults still to happen, oldest first. */
export class Faults {
  #waiting: { readonly fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? Infinity });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault that affects this call; this uses it once. */
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
