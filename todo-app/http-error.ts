/** An error as an answer: `{"error": {"code", "field", "reason"}}`. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** The wrong part of the request; null when the request is not the problem. */
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
