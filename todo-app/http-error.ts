/** An answer that is not what was asked for: `{"error": {"code", "field", "reason"}}`. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** What of the request is wrong; null when it is not the request. */
    readonly field: string | null,
    readonly reason: string,
  ) {
    super(`${code}: ${reason}`);
    this.name = new.target.name;
  }

  get body() {
    const { code, field, reason } = this;
    return { error: { code, field, reason } };
  }
}

export class InvalidInputError extends HttpError {
  constructor(field: string, reason: string) {
    super(400, "INVALID_INPUT", field, reason);
  }
}
