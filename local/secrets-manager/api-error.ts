const exceptionsOfTheApi = new Set([
  ...["DecryptionFailure", "EncryptionFailure", "InternalServiceError", "InvalidNextTokenException"],
  ...["InvalidParameterException", "InvalidRequestException", "LimitExceededException"],
  ...["ResourceExistsException", "ResourceNotFoundException"],
]);

/** An error answer of the API: HTTP status, `__type` and `message`. */
export class ApiError extends Error {
  constructor(
    /** The exception's name in the API reference, for example "ResourceNotFoundException". */
    readonly type: string,
    message: string,
    readonly statusCode = 400,
  ) {
    super(message);
    this.name = new.target.name;
  }

  /** The response body: AWS writes "Message" for the exceptions of the API reference, "message" for all others. */
  get body(): object {
    const key = exceptionsOfTheApi.has(this.type) ? "Message" : "message";
    return { __type: this.type, [key]: this.message };
  }
}

// Each has its name in the API reference; messages are AWS's own where known.
export const invalidParameter = (message: string) => new ApiError("InvalidParameterException", message);
export const invalidRequest = (message: string) => new ApiError("InvalidRequestException", message);
export const limitExceeded = (message: string) => new ApiError("LimitExceededException", message);
export const resourceExists = (message: string) => new ApiError("ResourceExistsException", message);
export const resourceNotFound = (message: string) => new ApiError("ResourceNotFoundException", message);
export const validation = (message: string) => new ApiError("ValidationException", message);
export const serialization = (message: string) => new ApiError("SerializationException", message);
